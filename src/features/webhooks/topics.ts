import { topics } from '../../topics.ts';

/** The topic that is woken when deliveries were made or begun anew. */
export const deliveriesTopic = topics.deliveries;
