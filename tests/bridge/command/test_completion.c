#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/command/arguments.h"
#include "bridge/command/completion.h"
#include "bridge/known.h"

/* tests/install_test.py types into the shells themselves. */

static void print(void (*script)(FILE *), char **text)
{
	size_t size;
	FILE *stream = open_memstream(text, &size);

	assert_non_null(stream);
	script(stream);
	fclose(stream);
}

static void holds(const char *script, const char *words)
{
	if (!strstr(script, words))
		fail_msg("no %s in %s", words, script);
}

/* The line that bash takes for a command and the word before the cursor. */
static void bash_offers(const char *script, const char *before, const char *word)
{
	const char *line = strstr(script, before);
	char found[2048];

	if (!line)
		fail_msg("nothing for %s in %s", before, script);
	snprintf(found, sizeof(found), "%.*s", (int)strcspn(line, "\n"), line);
	holds(found, word);
}

static void every_option_of_every_command(void **state)
{
	char *bash, *zsh;
	char text[256];
	struct command_row row;

	(void)state;
	print(completion_print_bash, &bash);
	print(completion_print_zsh, &zsh);
	for (size_t i = 0; commands_row(i, &row); i++) {
		const char *name = row.name;

		snprintf(text, sizeof(text), "\"%s \"*)", name);
		for (size_t o = 0; o < row.option_count; o++)
			bash_offers(bash, text, row.options[o].name);
		bash_offers(bash, text, "--help --version");
		snprintf(text, sizeof(text),
			 row.group ? "\n\t'%s')\n\t\t_arguments" : "\n\t%s)\n\t\t_arguments", name);
		holds(zsh, text);
		for (size_t o = 0; o < row.option_count; o++)
			holds(strstr(zsh, text), row.options[o].name);
		snprintf(text, sizeof(text),
			 "\n\t\t'%s:", row.group ? strchr(name, ' ') + 1 : name);
		holds(zsh, text);
		holds(bash, name);
	}
	free(bash);
	free(zsh);
}

static void values_that_are_known(void **state)
{
	const struct conf_known *known = known_names();
	char *bash, *zsh;

	(void)state;
	print(completion_print_bash, &bash);
	print(completion_print_zsh, &zsh);
	for (size_t i = 0; i < known->dialect_count; i++) {
		bash_offers(bash, "\"routes --dialect\")", known->dialects[i].name);
		bash_offers(zsh, "'--dialect=:", known->dialects[i].name);
	}
	for (size_t i = 0; known->kinds[i]; i++)
		bash_offers(bash, "\"routes --kind\")", known->kinds[i]);
	for (size_t i = 0; known->roles[i]; i++)
		bash_offers(zsh, "'--role=:", known->roles[i]);
	bash_offers(bash, "\"run --config\" | \"run -c\")", "compopt -o default");
	bash_offers(zsh, "'(--config)-c:", "_files");
	bash_offers(bash, "\"demo --port\")", "words=\"\"");
	bash_offers(bash, "\"help \"*)", " run ");
	bash_offers(bash, "\"passwd \"*)", "compopt -o default");
	bash_offers(bash, "\"completion \"*)", "bash zsh");
	bash_offers(bash, "\"backup \"*)", "compopt -o default");
	bash_offers(bash, "\"history \"*)", "--before --count");
	bash_offers(bash, "\"check \"*)", "--state");
	free(bash);
	free(zsh);
}

/* The name of a group is completed, then those of its commands. */
static void groups_are_two_words(void **state)
{
	char *bash, *zsh;

	(void)state;
	print(completion_print_bash, &bash);
	print(completion_print_zsh, &zsh);
	for (size_t i = 0; i < verb_group_count; i++) {
		char text[128];

		if (verb_group_own(&verb_groups[i]))
			continue;
		bash_offers(bash, "compgen -W \"demo ", verb_groups[i].name);
		snprintf(text, sizeof(text), "\t%s)\n\t\tif ((COMP_CWORD == 2)); then",
			 verb_groups[i].name);
		holds(bash, text);
		snprintf(text, sizeof(text), "\n\t\t'%s:", verb_groups[i].name);
		holds(zsh, text);
		snprintf(text, sizeof(text), "\twords[2]=\"%s $words[2]\"\n", verb_groups[i].name);
		holds(zsh, text);
	}
	holds(bash, "compgen -W \"list add passwd role remove --help");
	bash_offers(bash, "\"accounts add --role\")", "staff");
	/* A group that is a command, too: its options, and those of its commands. */
	holds(bash, "\tupstreams)\n\t\tcase ${COMP_WORDS[2]} in\n\t\tpause | resume) ");
	bash_offers(bash, "\"upstreams \"*)", "words+=\" pause resume\"");
	holds(zsh, "elif [[ $words[2] == (pause|resume) ]]; then");
	assert_true(strstr(bash, "\"upstreams pause \"*)") < strstr(bash, "\"upstreams \"*)"));
	free(bash);
	free(zsh);
}

static void zsh_texts_are_quoted(void **state)
{
	char *zsh;

	(void)state;
	print(completion_print_zsh, &zsh);
	holds(zsh, "'demo:start without a configuration\\: four");
	holds(zsh, "'--name=:a backend'\\''s name: '");
	free(zsh);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_option_of_every_command),
		cmocka_unit_test(values_that_are_known),
		cmocka_unit_test(groups_are_two_words),
		cmocka_unit_test(zsh_texts_are_quoted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
