#include "bridge/store/gather.h"

void gather_note(struct gather *gather, uint32_t records, uint64_t began_us, uint64_t ended_us)
{
	uint64_t took = ended_us > began_us ? ended_us - began_us : 0;

	/* One that is late among others is not what they take. */
	gather->took_us = gather->took_us ? (7 * gather->took_us + took) / 8 : took;
	if (records >= gather->records)
		gather->records = records;
	else
		gather->records -= (gather->records - records + 7) / 8;
	gather->ended_us = ended_us;
}

uint64_t gather_until(const struct gather *gather, uint32_t records, uint64_t since_us)
{
	uint64_t wait = gather->took_us / 2;

	if (gather->took_us < GATHER_LEAST_US || since_us - gather->ended_us > gather->took_us)
		return 0;
	if (records >= gather->records - gather->records / 8)
		return 0;
	return since_us + (wait < GATHER_MOST_US ? wait : GATHER_MOST_US);
}
