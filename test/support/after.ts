import { leaveCluster } from './test-cluster.ts';

// tap runs this when all test files have ended; its parent is the run that they were entered under.
await leaveCluster(String(process.ppid));
