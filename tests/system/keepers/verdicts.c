/* A filter that gives the verdict which the text names. */
#include <string.h>

#include "dragoman.h"

static json_t *judge(struct dragoman *backend, const json_t *event, const json_t *meta)
{
	const char *text = dragoman_text(event, "text", NULL);

	(void)backend;
	(void)meta;
	if (strcmp(text, "whole") == 0)
		return dragoman_change("WHOLE");
	if (strcmp(text, "no") == 0 || strcmp(text, "false") == 0)
		return dragoman_refuse(strcmp(text, "no") == 0 ? "because" : "not allowed");
	if (strcmp(text, "empty") == 0)
		return dragoman_change("");
	if (strcmp(text, "action") == 0)
		return json_pack("{s:s, s:[s]}", "verdict", "change", "flags", "action");
	return NULL;
}

int main(int argc, char **argv)
{
	struct dragoman_options options = { .name = "moderation",
					    .endpoint = argv[1],
					    .ask = judge };
	struct dragoman *backend = argc > 1 ? dragoman_new(&options) : NULL;

	if (!backend)
		return 2;
	dragoman_run(backend);
	dragoman_free(backend);
	return 0;
}
