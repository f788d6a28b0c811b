#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conf/table/nick_format.h"

/* The parts with bars between them; fields as <number:name>. */
static void reads(const char *format, const char *expected)
{
	struct nick_part part;
	char text[256] = "";
	size_t len = 0;

	while (nick_format_next(&format, &part)) {
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s", len ? "|" : "");
		if (part.field)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "<%d:%.*s>",
						(int)part.which, (int)part.len, part.text);
		else
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%.*s",
						(int)part.len, part.text);
		assert_true(len < sizeof(text));
	}
	assert_string_equal(text, expected);
	assert_int_equal(*format, '\0');
}

static void templates_are_texts_and_fields(void **state)
{
	(void)state;
	assert_int_equal(NICK_FIELDS, 5);
	reads("", "");
	reads("{name}: ", "<0:name>|: ");
	reads("[{dialect}/{room}] {name}#{number} ({roles}) ",
	      "[|<1:dialect>|/|<2:room>|] |<0:name>|#|<3:number>| (|<4:roles>|) ");
	reads("{name}{name}", "<0:name>|<0:name>");
	reads("no field", "no field");
}

static void fields_that_there_are_not_are_told_apart(void **state)
{
	(void)state;
	reads("{nam}{names}{Name}", "<5:nam>|<5:names>|<5:Name>");
	reads("{ name}", "<5: name>");
}

static void lone_braces_are_text(void **state)
{
	(void)state;
	reads("{", "{");
	reads("}", "}");
	reads("{}", "{}");
	reads("{{name}}", "{|<0:name>|}");
	reads("a{b{name} {", "a{b|<0:name>| {");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(templates_are_texts_and_fields),
		cmocka_unit_test(fields_that_there_are_not_are_told_apart),
		cmocka_unit_test(lone_braces_are_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
