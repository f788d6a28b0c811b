/* filter - removes a word from messages.
 *
 *   gcc -o build/examples/filter -I contrib/clients contrib/examples/filter.c
 * contrib/clients/dragoman.c -lzmq -ljansson build/examples/filter
 * ipc://contrib/examples/moderation.sock
 *
 * Needs Debian's libzmq3-dev and libjansson-dev. */
#include <stdio.h>
#include <string.h>

#include "dragoman.h"

static json_t *clean(struct dragoman *backend, const json_t *event, const json_t *meta)
{
	const char *text = dragoman_text(event, "text", NULL), *found = strstr(text, "darn");
	char changed[65536];

	(void)backend;
	(void)meta;
	if (!found)
		return NULL;
	snprintf(changed, sizeof(changed), "%.*s****%s", (int)(found - text), text, found + 4);
	return dragoman_change(changed);
}

int main(int argc, char **argv)
{
	struct dragoman_options options = { .name = "moderation",
					    .endpoint = argv[1],
					    .ask = clean };
	struct dragoman *backend = argc > 1 ? dragoman_new(&options) : NULL;

	if (argc < 2)
		fprintf(stderr, "usage: filter ENDPOINT\n");
	if (!backend)
		return 2;
	dragoman_run(backend);
	dragoman_free(backend);
	return 0;
}
