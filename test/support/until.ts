export { until } from '../../lab/ground/until.ts';
