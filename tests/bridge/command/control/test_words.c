#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/command/control/words.h"

#define COUNT_MAX 400

static enum words_read read_words(const char *text, struct words *out, char **said)
{
	static char copy[4096];
	char *words[COUNT_MAX], *rest = copy, *name = copy;
	const struct admin_verb *verb;
	enum words_read result;
	FILE *errors;
	size_t size;
	int count = 0;

	snprintf(copy, sizeof(copy), "%s", text);
	/* That of a group is two words. */
	if (strncmp(copy, "accounts ", 9) == 0) {
		rest = copy + 9;
		while (*rest && *rest != ' ')
			rest++;
		if (*rest)
			*rest++ = '\0';
		words[count++] = name;
	}
	for (char *word; count < COUNT_MAX && rest && *rest && (word = strsep(&rest, " "));)
		words[count++] = word;
	verb = admin_verb_find(words[0]);
	assert_non_null(verb);
	errors = open_memstream(said, &size);
	assert_non_null(errors);
	result = words_read(verb, words + 1, count - 1, out, errors);
	fclose(errors);
	return result;
}

static struct words taken(const char *text)
{
	struct words out;
	char *said;

	if (read_words(text, &out, &said) != WORDS_READ)
		fail_msg("'%s' is refused: %s", text, said);
	assert_string_equal(said, "");
	free(said);
	return out;
}

static void refused(const char *text, const char *message)
{
	struct words out;
	char *said;

	if (read_words(text, &out, &said) != WORDS_WRONG)
		fail_msg("'%s' is taken", text);
	assert_non_null(strstr(said, "Try 'dragoman help "));
	*strchr(said, '\n') = '\0';
	assert_string_equal(said, message);
	free(said);
}

static void arguments_have_their_place(void **state)
{
	struct words words = taken("kick bob lobby --reason=spam");

	(void)state;
	assert_string_equal(words.values[0], "bob");
	assert_string_equal(words.values[1], "lobby");
	assert_string_equal(words.values[2], "spam");
	assert_string_equal(taken("kick bob --reason=-spam").values[2], "-spam");
	words = taken("kick --reason spam bob --json");
	assert_string_equal(words.values[0], "bob");
	assert_null(words.values[1]);
	assert_string_equal(words.values[2], "spam");
	assert_true(words.json);
	words = taken("drain --stay --timeout 5s");
	assert_string_equal(words.values[0], "5s");
	assert_non_null(words.values[1]);
	assert_null(words.values[2]);
	assert_null(taken("ban").values[0]);
}

static void the_server_is_named(void **state)
{
	struct words words = taken("status -c a.cfg");

	(void)state;
	assert_string_equal(words.file, "a.cfg");
	assert_null(words.control);
	assert_string_equal(taken("status --config=a.cfg").file, "a.cfg");
	assert_string_equal(taken("status --control /run/c").control, "/run/c");
	assert_null(taken("status").file);
}

static void a_rest_takes_what_is_left(void **state)
{
	struct words words = taken("say lobby back in five");

	(void)state;
	assert_int_equal(words.rest_count, 3);
	assert_string_equal(words.rest[2], "five");
	words = taken("say lobby -- --json -c");
	assert_int_equal(words.rest_count, 2);
	assert_string_equal(words.rest[0], "--json");
	assert_false(words.json);
	words = taken("roles ann +mod -muted --json");
	assert_null(words.values[1]);
	assert_int_equal(words.rest_count, 2);
	assert_true(words.json);
	words = taken("roles ann lobby -mod");
	assert_string_equal(words.values[1], "lobby");
	assert_string_equal(words.rest[0], "-mod");
	words = taken("roles ann -c a.cfg");
	assert_int_equal(words.rest_count, 0);
	assert_string_equal(words.file, "a.cfg");
}

static void options_may_come_again(void **state)
{
	struct words out = taken("accounts add --role mod ann --role=pro --number 7");

	(void)state;
	assert_string_equal(out.values[0], "ann");
	assert_string_equal(out.values[1], "7");
	assert_int_equal(out.many_count, 2);
	assert_string_equal(out.many[0], "mod");
	assert_string_equal(out.many[1], "pro");
	out = taken("accounts role ann -pro +mod");
	assert_int_equal(out.rest_count, 2);
	assert_string_equal(out.rest[0], "-pro");
	refused("accounts add ann --role king",
		"dragoman: --role 'king' is not a role of accounts");
	refused("accounts add ann --role", "dragoman: --role needs ROLE");
	refused("accounts add ann --number 0",
		"dragoman: --number '0' is not a number from 1 to 499999999");
	refused("accounts add #7", "dragoman: NAME '#7' begins with #, as a number does");
	refused("accounts role ann", "dragoman: accounts role needs +ROLE|-ROLE");
}

static void wrong_ones_are_told(void **state)
{
	(void)state;
	refused("kick", "dragoman: kick needs NAME");
	refused("say lobby", "dragoman: say needs TEXT");
	refused("status all", "dragoman: status takes no argument 'all', did you mean '-c all'?");
	refused("who a b", "dragoman: who takes no argument 'b'");
	refused("kick bob --raeson x",
		"dragoman: unknown option '--raeson', did you mean '--reason'?");
	refused("kick bob --reason", "dragoman: --reason needs TEXT");
	refused("kick bob --reason=", "dragoman: --reason needs TEXT");
	refused("kick bob --reason --json", "dragoman: --reason needs TEXT");
	refused("status --control -c a.cfg", "dragoman: --control needs PATH");
	refused("status -c", "dragoman: --config needs FILE");
	refused("status --json=yes", "dragoman: --json takes no value");
	refused("drain --stay=yes", "dragoman: --stay takes no value");
	refused("drain --timeout soon",
		"dragoman: --timeout 'soon' is not a duration like 90s, 15m, 2h or 7d");
	refused("kick #x", "dragoman: NAME '#x' is not a number like #7");
	refused("kick b\x1b", "dragoman: NAME '?' is not text without control characters");
	refused("roles ann lobby +king",
		"dragoman: +ROLE|-ROLE '+king' is not a role with + or -, like +mod");
	refused("roles ann -king", "dragoman: unknown option '-king'");
	refused("history", "dragoman: history needs ROOM");
	refused("history lobby --count 0", "dragoman: --count '0' is not a number from 1 to 1000");
	refused("history lobby --before now",
		"dragoman: --before 'now' is not the id of a message");
	refused("erase", "dragoman: erase needs NAME");
	refused("erase bob --yes=no", "dragoman: --yes takes no value");
	refused("backup", "dragoman: backup needs FILE");
}

static void too_many_words_are_refused(void **state)
{
	char text[2048] = "say lobby";

	(void)state;
	for (size_t i = 0; i < WORDS_REST_MAX + 1; i++)
		strcat(text, " x");
	refused(text, "dragoman: TEXT has too many words");
}

static void help_and_version_are_found(void **state)
{
	struct words out;
	char *said;

	(void)state;
	assert_int_equal(read_words("kick -h", &out, &said), WORDS_HELP);
	free(said);
	assert_int_equal(read_words("kick bob --help", &out, &said), WORDS_HELP);
	free(said);
	assert_int_equal(read_words("status -V", &out, &said), WORDS_VERSION);
	free(said);
}

/* Of every verb: all that it takes, with its help, and examples that are right. */
static void help_is_complete(void **state)
{
	(void)state;
	for (size_t i = 0; i < admin_verb_count; i++) {
		const struct admin_verb *verb = &admin_verbs[i];
		char *text;
		size_t size;
		FILE *stream = open_memstream(&text, &size);

		words_help(verb, stream);
		fclose(stream);
		assert_memory_equal(text, "Usage: dragoman ", 16);
		assert_non_null(strstr(text, "--json"));
		assert_non_null(strstr(text, "-c, --config FILE"));
		assert_non_null(strstr(text, "--control PATH"));
		for (size_t a = 0; a < verb_argument_count(verb); a++)
			assert_non_null(strstr(text, verb->arguments[a].option
							 ? verb->arguments[a].name
							 : verb->arguments[a].shown));
		for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
			assert_true(strlen(line) <= 90);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_have_their_place),
		cmocka_unit_test(the_server_is_named),
		cmocka_unit_test(a_rest_takes_what_is_left),
		cmocka_unit_test(options_may_come_again),
		cmocka_unit_test(wrong_ones_are_told),
		cmocka_unit_test(too_many_words_are_refused),
		cmocka_unit_test(help_and_version_are_found),
		cmocka_unit_test(help_is_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
