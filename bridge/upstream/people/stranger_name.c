#include "bridge/upstream/people/stranger_name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "codecs/text/likeness.h"

#define UPSTREAM_SHOWN 24 /* bytes of its name, and of an id, in somebody's name */
#define ID_SHOWN       24
#define NUMBERED       10 /* tries with a number, of either form */

_Static_assert(STRANGER_NAMES == 1 + 2 * NUMBERED, "the name alone, and two forms with numbers");

/* What the id says of somebody whose name cannot be one. */
static struct slice id_shown(struct slice id, char out[NAME_BYTES_MAX])
{
	char clean[NAME_BYTES_MAX];
	size_t len = name_clean(id, clean);
	struct slice shown = text_clip(slice_span(clean, len), ID_SHOWN);

	if (shown.len > 0)
		len =
		    (size_t)snprintf(out, NAME_BYTES_MAX, "user-%.*s", (int)shown.len, shown.data);
	else
		len = (size_t)snprintf(out, NAME_BYTES_MAX, "user-%016" PRIx64, slice_fnv(id));
	return slice_span(out, len);
}

/* base, with that number unless it is 1, of the upstream. */
static size_t name_there(struct slice upstream, struct slice base, unsigned number,
			 char out[NAME_BYTES_MAX])
{
	struct slice shown = text_clip(upstream, UPSTREAM_SHOWN);
	char tail[UPSTREAM_SHOWN + 16], text[2 * NAME_BYTES_MAX];
	int len;

	if (number > 1)
		len = snprintf(tail, sizeof(tail), "-%u@%.*s", number, (int)shown.len, shown.data);
	else
		len = snprintf(tail, sizeof(tail), "@%.*s", (int)shown.len, shown.data);
	base = text_clip(base, NAME_BYTES_MAX - (size_t)len);
	len = snprintf(text, sizeof(text), "%.*s%s", (int)base.len, base.data, tail);
	return name_clean(slice_span(text, (size_t)len), out);
}

size_t stranger_name(const struct stranger_names *names, unsigned try, char out[NAME_BYTES_MAX])
{
	char shown[NAME_BYTES_MAX];
	size_t len = names->base.len;

	if (try > NUMBERED)
		return name_there(names->upstream, id_shown(names->id, shown), try - NUMBERED, out);
	if (len > 0 && try > 0)
		len = name_there(names->upstream, names->base, try, out);
	else if (len > 0)
		memcpy(out, names->base.data, len);
	return len > 0 && !name_speaks(slice_span(out, len)) ? len : 0;
}
