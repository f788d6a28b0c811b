#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/model/parts.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PARTS_MAX    64

/* Ann, bob and "d.j" are known. */
static bool look_up(void *context, struct slice name, struct person *person)
{
	static const struct {
		const char *typed, *name;
		uint32_t number;
	} people[] = { { "ann", "Ann", 5 },
		       { "Ann", "Ann", 5 },
		       { "bob", "bob", 6 },
		       { "d.j", "d.j", 7 },
		       { "\xc3\x89ric", "\xc3\xa9ric", 8 } };
	unsigned *calls = context;

	++*calls;
	for (size_t i = 0; i < COUNT(people); i++)
		if (slice_is(name, people[i].typed)) {
			person->name = slice_of(people[i].name);
			person->number = people[i].number;
			return true;
		}
	return false;
}

static const char kind_letters[] = { [PART_TEXT] = 't',
				     [PART_EMOTE] = 'e',
				     [PART_LINK] = 'l',
				     [PART_MENTION] = 'm',
				     [PART_IMAGE] = 'i' };

static size_t find_exact(const char *text, char *exact, struct part *parts, char *links,
			 size_t links_size)
{
	unsigned calls = 0;

	memcpy(exact, text, strlen(text));
	return parts_find(slice_span(exact, strlen(text)), look_up, &calls, parts, PARTS_MAX, links,
			  links_size);
}

/* Writes the parts as "t[hello ]e[:)]" and checks what holds for all of them. */
static void describe(const char *text, char *out)
{
	char *exact = malloc(strlen(text) ? strlen(text) : 1), *links = malloc(512), *at = exact;
	struct part parts[PARTS_MAX];
	size_t count = find_exact(text, exact, parts, links, 512);

	*out = '\0';
	assert_true(count == 0 || parts[0].kind == PART_TEXT);
	for (size_t i = 0; i < count; i++) {
		assert_ptr_equal(parts[i].text.data, at);
		assert_true(i == 0 || parts[i].text.len > 0);
		assert_false(i > 0 && parts[i].kind == PART_TEXT && parts[i - 1].kind == PART_TEXT);
		at += parts[i].text.len;
		out += sprintf(out, "%c[%.*s]", kind_letters[parts[i].kind], (int)parts[i].text.len,
			       parts[i].text.data);
	}
	assert_true(count == 0 || at == exact + strlen(text));
	free(exact);
	free(links);
}

struct row {
	const char *text, *parts;
};

static void assert_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char got[1000];

		describe(rows[i].text, got);
		if (strcmp(got, rows[i].parts) != 0)
			fail_msg("\"%s\": %s, not %s", rows[i].text, got, rows[i].parts);
	}
}

static void plain_text_has_no_parts(void **state)
{
	static const char *const texts[] = {
		"",
		"hello",
		"Hello there. How are you? Fine; thanks: 5 < 6, 7 > 3, a = b (really).",
		"caf\xc3\xa9 \xf0\x9f\x98\x82 and more of that, well beyond one stride",
		". .. ... : :: ; ( ) @ @@ < > = ? . @",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_rows(&(struct row){ texts[i], "" }, 1);
}

static void emoticons_stand_alone(void **state)
{
	static const struct row rows[] = {
		{ ":)", "t[]e[:)]" },
		{ "Hello world :)", "t[Hello world ]e[:)]" },
		{ ":) hi", "t[]e[:)]t[ hi]" },
		{ "a :D\nb\t<3\r\n", "t[a ]e[:D]t[\nb\t]e[<3]t[\r\n]" },
		{ ":) :(", "t[]e[:)]t[ ]e[:(]" },
		{ ":( ;) :P :p :O :o :| :/ B) >:( :'(",
		  "t[]e[:(]t[ ]e[;)]t[ ]e[:P]t[ ]e[:p]t[ ]e[:O]t[ ]e[:o]t[ ]e[:|]t[ ]e[:/]t[ ]e[B)]"
		  "t[ ]e[>:(]t[ ]e[:'(]" },
		{ "(smile:)", "" },
		{ "a:)", "" },
		{ ":)a", "" },
		{ ":))", "" },
		{ ":).", "" },
		{ "a/:/b", "" },
		{ "item 1:D", "" },
		{ "more than sixteen bytes of text, then </3 again",
		  "t[more than sixteen bytes of text, "
		  "then ]e[</3]t[ again]" },
	};

	(void)state;
	assert_rows(rows, COUNT(rows));
}

static void a_nul_byte_is_part_of_its_word(void **state)
{
	struct part parts[3];

	(void)state;
	assert_int_equal(parts_find(SLICE(":)\0"), NULL, NULL, parts, 3, NULL, 0), 0);
	assert_int_equal(parts_find(SLICE("\0 :)"), NULL, NULL, parts, 3, NULL, 0), 2);
}

static void each_emoticon_has_a_place_of_its_own(void **state)
{
	static const char text[] = ":) :( :D ;) :P :p :O :o :| :/ <3 B) >:( :'(";
	struct part parts[PARTS_MAX];
	size_t count = parts_find(slice_of(text), NULL, NULL, parts, PARTS_MAX, NULL, 0),
	       emotes = 0;

	(void)state;
	for (size_t i = 0; i < count; i++) {
		if (parts[i].kind != PART_EMOTE)
			continue;
		emotes++;
		assert_true(slice_is(parts[i].name, "default"));
		assert_int_equal(parts[i].x % 24, 0);
		assert_int_equal(parts[i].y % 24, 0);
		for (size_t j = 0; j < i; j++)
			assert_true(parts[j].kind != PART_EMOTE || parts[j].x != parts[i].x ||
				    parts[j].y != parts[i].y);
	}
	assert_int_equal(emotes, 14);
	/* The one place that a captured frame tells. */
	assert_int_equal(parts[1].x, 96);
	assert_int_equal(parts[1].y, 0);
}

static void links_are_found(void **state)
{
	static const struct row rows[] = {
		{ "http://a.b", "t[]l[http://a.b]" },
		{ "see https://mixer.com/mixer?a=b#c now",
		  "t[see ]l[https://mixer.com/mixer?a=b#c]t[ now]" },
		{ "HTTPS://EXAMPLE.ORG", "t[]l[HTTPS://EXAMPLE.ORG]" },
		{ "http://localhost:8080/x", "t[]l[http://localhost:8080/x]" },
		{ "(http://x.org/a_(b)).", "t[(]l[http://x.org/a_(b)]t[).]" },
		{ "(see http://x.org/a)", "t[(see ]l[http://x.org/a]t[)]" },
		{ "\"http://x.org\"", "t[\"]l[http://x.org]t[\"]" },
		{ "<http://x.org>,", "t[<]l[http://x.org]t[>,]" },
		{ "look:http://x.org!", "t[look:]l[http://x.org]t[!]" },
		{ "https://x.org/@ann/:)", "t[]l[https://x.org/@ann/]t[:)]" },
		{ "https://x.org/\xc3\xa9", "t[]l[https://x.org/\xc3\xa9]" },
		{ "http://x.org http://y.org", "t[]l[http://x.org]t[ ]l[http://y.org]" },
		{ "www.example.museum", "t[]l[www.example.museum]" },
		{ "Www.Example.Org/x, ok", "t[]l[Www.Example.Org/x]t[, ok]" },
		{ "mixer.com/mixer", "t[]l[mixer.com/mixer]" },
		{ "go to mixer.com.", "t[go to ]l[mixer.com]t[.]" },
		{ "seen mixer.com? yes", "t[seen ]l[mixer.com]t[? yes]" },
		{ "(mixer.com)", "t[(]l[mixer.com]t[)]" },
		{ "a-b.co.uk:8080/x", "t[]l[a-b.co.uk:8080/x]" },
		{ "youtu.be/x1", "t[]l[youtu.be/x1]" },
		{ "mixer.com :)", "t[]l[mixer.com]t[ ]e[:)]" },
	};

	(void)state;
	assert_rows(rows, COUNT(rows));
}

static void what_only_looks_like_a_link_is_not(void **state)
{
	static const char *const texts[] = {
		"e.g. this, i.e. that, a.b and etc.",
		"version 1.2.3 or 10.0.0.1 or v2.io5",
		"read README.md, main.c, node.js, x.tar.gz",
		"well...ok then.so be it.me too",
		"ann@mixer.com",
		"mixer.com@ann",
		"mixer..com .com com. -a.com a-.com",
		"www.example www. www.com",
		"http:// https:/x http//x xhttp://a.b ftp://a.b",
		"javascript://mixer.com data:text",
		"3.de 4.com",
		"a.b.c.d.e.f.g",
		"mixer.comx mixer.com_x mixer.com=1",
		"who is it.me?",
		"http://?",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_rows(&(struct row){ texts[i], "" }, 1);
}

static void links_name_their_url(void **state)
{
	static const char text[] = "http://a.b mixer.com/mixer www.x.org";
	char links[100];
	struct part parts[PARTS_MAX];

	(void)state;
	assert_int_equal(parts_find(slice_of(text), NULL, NULL, parts, PARTS_MAX, links, 100), 6);
	assert_true(slice_is(parts[1].name, "http://a.b"));
	assert_true(slice_is(parts[3].name, "https://mixer.com/mixer"));
	assert_true(slice_is(parts[5].name, "https://www.x.org"));
}

static void links_that_do_not_fit_stay_text(void **state)
{
	static const char text[] = "a.com b.com http://c.com";
	struct part parts[PARTS_MAX];
	char *links = malloc(13); /* "https://a.com" */

	(void)state;
	assert_int_equal(parts_find(slice_of(text), NULL, NULL, parts, PARTS_MAX, links, 13), 4);
	assert_true(slice_is(parts[1].text, "a.com"));
	assert_true(slice_is(parts[2].text, " b.com "));
	assert_true(slice_is(parts[3].text, "http://c.com"));
	assert_int_equal(parts_find(slice_of(text), NULL, NULL, parts, PARTS_MAX, links, 12), 2);
	free(links);
}

static void mentions_are_found(void **state)
{
	static const struct row rows[] = {
		{ "@ann", "t[]m[@ann]" },
		{ "hi @Ann!", "t[hi ]m[@Ann]t[!]" },
		{ "@ann,@bob: (@ann)", "t[]m[@ann]t[,]m[@bob]t[: (]m[@ann]t[)]" },
		{ "@ann's", "t[]m[@ann]t['s]" },
		{ "@d.j.", "t[]m[@d.j]t[.]" },
		{ "@\xc3\x89ric", "t[]m[@\xc3\x89ric]" },
		{ "@@ann", "t[@]m[@ann]" },
		{ "@ann @nobody @bob", "t[]m[@ann]t[ @nobody ]m[@bob]" },
		{ "x@ann \xc3\xa9@ann @ ann @anne", "" },
		{ "@ann :) mixer.com", "t[]m[@ann]t[ ]e[:)]t[ ]l[mixer.com]" },
	};

	(void)state;
	assert_rows(rows, COUNT(rows));
}

static void mentions_name_the_person(void **state)
{
	struct part parts[3];
	unsigned calls = 0;

	(void)state;
	assert_int_equal(parts_find(SLICE("@ann x"), look_up, &calls, parts, 3, NULL, 0), 3);
	assert_true(slice_is(parts[1].name, "Ann"));
	assert_true(slice_is(parts[1].text, "@ann"));
	assert_int_equal(parts[1].number, 5);
	assert_int_equal(parts_find(SLICE("@ann x"), NULL, NULL, parts, 3, NULL, 0), 0);
}

static void look_ups_are_bounded(void **state)
{
	char text[3000];
	struct part parts[PARTS_MAX];
	unsigned calls = 0;

	(void)state;
	for (size_t i = 0; i + 3 <= sizeof(text); i += 3)
		memcpy(text + i, "@x ", 3);
	assert_int_equal(
	    parts_find(slice_span(text, sizeof(text)), look_up, &calls, parts, PARTS_MAX, NULL, 0),
	    0);
	assert_in_range(calls, 1, 64);
}

/* What does not fit stays text in the last part. */
static void parts_are_limited(void **state)
{
	static const char text[] = "a :) :( :D";
	static const size_t expected[] = { 0, 0, 0, 3, 3, 5, 6, 6 };

	(void)state;
	for (size_t max = 0; max < COUNT(expected); max++) {
		struct part *parts = malloc((max ? max : 1) * sizeof(*parts));
		size_t len = 0, count = parts_find(slice_of(text), NULL, NULL, parts, max, NULL, 0);

		assert_int_equal(count, expected[max]);
		for (size_t i = 0; i < count; i++)
			len += parts[i].text.len;
		assert_true(count == 0 || len == strlen(text));
		free(parts);
	}
}

static void random_texts_concatenate(void **state)
{
	static const char *const pieces[] = { ":)", " ",  "@ann", "http://", "mixer.com",
					      ".",  "/",  "a",    "(",       ")",
					      "@",  ":",  "www.", "\n",      "<",
					      "3",  "B)", ".gg",  "-",       "\xc3\xa9",
					      "?",  "\"" };
	uint64_t seed = 1;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		char text[200] = "", got[1000];

		for (unsigned i = 0; i < 14; i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			strcat(text, pieces[(seed >> 33) % COUNT(pieces)]);
		}
		describe(text, got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_has_no_parts),
		cmocka_unit_test(emoticons_stand_alone),
		cmocka_unit_test(a_nul_byte_is_part_of_its_word),
		cmocka_unit_test(each_emoticon_has_a_place_of_its_own),
		cmocka_unit_test(links_are_found),
		cmocka_unit_test(what_only_looks_like_a_link_is_not),
		cmocka_unit_test(links_name_their_url),
		cmocka_unit_test(links_that_do_not_fit_stay_text),
		cmocka_unit_test(mentions_are_found),
		cmocka_unit_test(mentions_name_the_person),
		cmocka_unit_test(look_ups_are_bounded),
		cmocka_unit_test(parts_are_limited),
		cmocka_unit_test(random_texts_concatenate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
