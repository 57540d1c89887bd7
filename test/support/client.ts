export { query as queryOnce, withClient } from '../../lab/ground/query.ts';
