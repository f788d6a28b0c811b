/* What servers that we call say, of all dialects, off any bytes. The first line: a dialect. Each
 * below is what answers the login's next request, "200 BODY"; once that is over, a frame, "=7 200
 * BODY" for what a request with that tag of the codec's own brought, or "+9" for seconds that pass.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/registry.h"
#include "codecs/text/memory.h"
#include "tests/support/dialects.h"
#include "tests/support/link_probe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes a line off *rest. Returns new, ended by a NUL byte; NULL: there is none. */
static char *take_line(struct slice *rest)
{
	const char *end = rest->len ? memchr(rest->data, '\n', rest->len) : NULL;
	size_t len = end ? (size_t)(end - rest->data) : rest->len;
	char *line;

	if (rest->len == 0)
		return NULL;
	line = memory_text(rest->data, len);
	len += end != NULL;
	*rest = slice_span(rest->data + len, rest->len - len);
	return line;
}

/* "200 BODY" */
static unsigned read_status(const char *text, const char **body)
{
	char *end;
	unsigned long status = strtoul(text, &end, 10);

	*body = *end == ' ' ? end + 1 : end;
	return status == 0 || (status >= 200 && status <= 599) ? (unsigned)status : 200;
}

/* Returns the tag of what is to be answered next; 0: nothing is. */
static uint32_t next_tag(const char *said)
{
	unsigned tag = 0;

	(void)sscanf(said, "ask %u", &tag);
	return tag;
}

static void pass_on(struct link_probe *p, const char *line)
{
	const char *body;
	unsigned status;
	char *end;
	unsigned long tag;

	if (*line == '+') {
		p->peer.now_ms += strtoul(line + 1, NULL, 10) % 1000 * 1000;
	} else if (*line == '=') {
		tag = strtoul(line + 1, &end, 10);
		status = read_status(end, &body);
		link_probe_answered(p, NULL, (uint32_t)tag, status, body);
	} else {
		(void)link_probe_hear_text(p, line);
	}
}

static void run(const struct codec *codec, struct slice rest)
{
	static const struct call_account account = {
		.url = { "http://chat.example", 19 },
		.user = { "6a400000-0000-4000-8000-000000000001", 36 },
		.secret = { "x", 1 },
		.room = { "93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4b", 36 }
	};
	struct link_probe p;
	const char *body;
	char *line;
	uint32_t tag;

	link_probe_open(&p, codec, &account);
	tag = next_tag(link_probe_plan(&p));
	while ((line = take_line(&rest))) {
		if (tag) {
			unsigned status = read_status(line, &body);

			tag = next_tag(link_probe_answer(&p, tag, status, body));
			if (!tag)
				link_probe_begin(&p);
		} else {
			pass_on(&p, line);
		}
		(void)link_probe_told(&p);
		free(line);
	}
	link_probe_close(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_span((const char *)data, size);
	char *name = take_line(&rest);

	for (size_t i = 0; name && i < DIALECTS; i++)
		if (registry_codec(i)->calls && strcmp(registry_codec(i)->name, name) == 0)
			run(registry_codec(i), rest);
	free(name);
	return 0;
}
