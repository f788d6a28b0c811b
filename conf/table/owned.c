#include "conf/table/owned.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *memory)
{
	if (!memory) {
		fputs("dragoman: out of memory\n", stderr);
		abort();
	}
	return memory;
}

void *owned_zeroed(size_t count, size_t size)
{
	return must(calloc(count ? count : 1, size ? size : 1));
}

void *owned_resize(void *old, size_t count, size_t size)
{
	return must(reallocarray(old, count ? count : 1, size ? size : 1));
}

char *owned_text(const char *text)
{
	return must(strdup(text));
}

char *owned_format(const char *format, ...)
{
	va_list arguments;
	char *text = NULL;
	int length;

	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	return must(length < 0 ? NULL : text);
}

char *owned_path(const char *folder, const char *path)
{
	if (!folder || path[0] == '/' || path[0] == '\0')
		return owned_text(path);
	return owned_format("%s%s%s", folder, strcmp(folder, "/") == 0 ? "" : "/", path);
}
