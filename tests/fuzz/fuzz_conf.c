/* A configuration off any text: read or refused, with lines a terminal can show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codecs/text/unicode.h"
#include "tests/conf/told.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct listener {
	struct conf_report report;
	unsigned told, lines;
};

static void require(bool what)
{
	if (!what)
		abort();
}

static void heard(struct conf_report *report, const char *file, unsigned line, const char *message)
{
	struct listener *listener = (struct listener *)report;
	struct slice text = slice_of(message);

	require(*message);
	require(file || (line >= 1 && line <= listener->lines));
	for (size_t at = 0; at < text.len;) {
		int32_t point = unicode_next(text, &at);

		require(point >= 0x20 && point != 0x7f);
	}
	listener->told++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct listener listener = { .report = { .error = heard }, .lines = 1 };
	char *text = malloc(size + 1);
	struct conf *conf;

	require(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	for (const char *at = text; *at; at++)
		listener.lines += *at == '\n';
	conf = conf_parse(text, &told_known, &listener.report);
	require(listener.report.errors == listener.told);
	require(conf ? !listener.told : listener.told);
	conf_free(conf);
	free(text);
	return 0;
}
