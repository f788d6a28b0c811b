/* See keeper.py. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "dragoman.h"

static int file;

static void keep(const char *what, const char *code, const char *text)
{
	dprintf(file, "%s%s%s %s\n", what, *code ? " " : "", code, text);
}

static bool hear(struct dragoman *keeper, const json_t *event, const json_t *meta)
{
	(void)keeper;
	(void)meta;
	keep("heard", "", dragoman_text(event, "text", NULL));
	return true;
}

int main(int argc, char **argv)
{
	struct dragoman_options options = { .name = "keeper", .endpoint = argv[1], .event = hear };
	struct dragoman *keeper = argc == 4 ? dragoman_new(&options) : NULL;
	char text[64];

	if (!keeper || (file = open(argv[2], O_WRONLY | O_CREAT | O_APPEND, 0600)) < 0)
		return 2;
	for (int number = 1;; number++) {
		dragoman_serve(keeper, 10);
		snprintf(text, sizeof(text), "%s %d", argv[3], number);
		if (dragoman_say(keeper, "lobby", text) > 0)
			keep("said", "", text);
		else
			keep("refused", dragoman_error(keeper), text);
	}
}
