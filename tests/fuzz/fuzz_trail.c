/* Which Dragomans something came through, off any bytes: what is read is in order, and is read
 * again when it is written. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/model/trail.h"
#include "codecs/text/json_read.h"

#define HERE "11111111-1111-4111-8111-111111111111"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void written_is_read(struct slice trail)
{
	struct json_writer w;
	char again[TRAIL_MAX];
	struct slice read;

	json_start(&w, 0, 0);
	json_put_literal(&w, "{}", 2);
	trail_put(&w, trail);
	read = trail_find(slice_span(w.data, w.len), JSON_DEPTH_DEFAULT, again);
	if (!slice_equal(read, trail))
		abort();
	json_clear(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct id_key key = { { 1 } };
	char out[TRAIL_MAX], onward[TRAIL_MAX];
	struct slice trail =
	    trail_find(slice_span((const char *)data, size), JSON_DEPTH_DEFAULT, out);

	if (!trail.len)
		return 0;
	if (trail.len > TRAIL_MAX || !trail_id(trail).len || trail_id(trail).len > TRAIL_ID_MAX)
		abort();
	written_is_read(trail);
	(void)trail_number(trail, SLICE(HERE), &key);
	trail = trail_onward(trail, SLICE(HERE), &key, 7, onward);
	if (trail.len && !trail_has(trail, SLICE(HERE)))
		abort();
	if (trail.len && trail_part(&trail, 3, onward))
		written_is_read(trail);
	return 0;
}
