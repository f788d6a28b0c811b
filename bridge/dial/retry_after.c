#include "bridge/dial/retry_after.h"

#include "bridge/net/http/http_date.h"

static uint32_t clip(uint64_t seconds)
{
	return seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
}

uint32_t retry_after_read(struct slice value, uint64_t wall_ms)
{
	uint64_t seconds = 0, date_ms;

	if (http_date_read(value, &date_ms))
		return date_ms > wall_ms ? clip((date_ms - wall_ms + 999) / 1000) : 0;
	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] < '0' || value.data[i] > '9')
			return 0;
		seconds = clip(seconds * 10 + (uint64_t)(value.data[i] - '0'));
	}
	return (uint32_t)seconds;
}
