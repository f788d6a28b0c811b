#include "tests/support/frame_measure.h"

#include <stdint.h>

size_t frame_measure(const unsigned char *bytes, size_t len, size_t *header)
{
	uint64_t payload;

	if (len < 2)
		return 0;
	payload = bytes[1];
	*header = payload == 127 ? 10 : payload == 126 ? 4 : 2;
	if (payload > 127 || len < *header)
		return 0;
	if (*header > 2) {
		payload = 0;
		for (size_t i = 2; i < *header; i++)
			payload = payload << 8 | bytes[i];
	}
	return payload <= len - *header ? *header + (size_t)payload : 0;
}
