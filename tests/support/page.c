#include "tests/support/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

char *page_read(const char *path)
{
	FILE *in = fopen(path, "r");
	size_t size;
	char *page;

	if (!in)
		fail_msg("%s cannot be read", path);
	fseek(in, 0, SEEK_END);
	size = (size_t)ftell(in);
	rewind(in);
	page = calloc(1, size + 1);
	assert_non_null(page);
	assert_int_equal(fread(page, 1, size, in), size);
	fclose(in);
	return page;
}

static void page_write(const char *path, const char *page, const char *begin, const char *text,
		       const char *end)
{
	FILE *out = fopen(path, "w");

	if (!out)
		fail_msg("%s cannot be written", path);
	fprintf(out, "%.*s%s%s", (int)(begin - page), page, text, end);
	assert_int_equal(fclose(out), 0);
}

void page_has(const char *path, const char *from, const char *to, const char *text)
{
	char *page = page_read(path), *begin = from ? strstr(page, from) : page, *end;

	if (!begin)
		fail_msg("%s lacks %s", path, from);
	begin += from ? strlen(from) : 0;
	end = to ? strstr(begin, to) : begin + strlen(begin);
	if (!end)
		fail_msg("%s lacks %s", path, to);
	if (getenv("UPDATE"))
		page_write(path, page, begin, text, end);
	else if (strlen(text) != (size_t)(end - begin) || strncmp(text, begin, strlen(text)) != 0)
		fail_msg("%s differs. UPDATE=1 before the name of this test writes there:\n%s",
			 path, text);
	free(page);
}
