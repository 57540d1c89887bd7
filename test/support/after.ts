import { leaveCluster } from './test-cluster.ts';

// Run by tap when all test files have ended; its parent process is the run that joined the cluster.
await leaveCluster(String(process.ppid));
