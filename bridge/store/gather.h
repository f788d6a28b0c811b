/* gather.h - when a transaction begins. Whoever was answered by the last one may be about to say
 * more: with as many as then in one transaction there are half as many waits for the disk as with
 * some now and the rest behind them, and what is sent to clients is sent together. So the store
 * waits for these, but never longer than half of what a transaction takes. Who says something now
 * and then is not waited for. Pure; times are of any steady clock, in us. */
#ifndef BRIDGE_STORE_GATHER_H
#define BRIDGE_STORE_GATHER_H

#include <stdint.h>

#define GATHER_LEAST_US 100  /* what takes less is not waited for; */
#define GATHER_MOST_US  2000 /* and never longer than that */

/* Of the transactions so far. Zeroed: there was none. */
struct gather {
	uint64_t took_us; /* one, of late */
	uint64_t ended_us;
	uint32_t records; /* the most in one, of late */
};

/* One more has ended. */
void gather_note(struct gather *gather, uint32_t records, uint64_t began_us, uint64_t ended_us);

/* Until when more is to be waited for, where so many records wait since that time; 0: the
 * transaction is to begin. */
uint64_t gather_until(const struct gather *gather, uint32_t records, uint64_t since_us);

#endif
