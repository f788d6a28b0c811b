#include "conf/scan.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf/file.h"
#include "conf/owned.h"

struct scan {
	const char *at;
	unsigned line;
	const char *file, *folder;
	unsigned depth;
	struct faults *faults;
};

static void scan_text(struct scan *scan);

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void skip_line(struct scan *scan)
{
	scan->at += strcspn(scan->at, "\n");
}

static void skip_comment(struct scan *scan)
{
	for (scan->at += 2; *scan->at; scan->at++) {
		if (scan->at[0] == '*' && scan->at[1] == '/') {
			scan->at += 2;
			return;
		}
		if (*scan->at == '\n')
			scan->line++;
	}
}

static void skip_string(struct scan *scan)
{
	for (scan->at++; *scan->at; scan->at++) {
		if (*scan->at == '"') {
			scan->at++;
			return;
		}
		if (scan->at[0] == '\\' && scan->at[1])
			scan->at++;
		if (*scan->at == '\n')
			scan->line++;
	}
}

static void skip_name(struct scan *scan)
{
	while (isalnum((unsigned char)*scan->at) || (*scan->at && strchr("-_*", *scan->at)))
		scan->at++;
}

/* Is the number at start (len characters of digits, sign or 0x before the suffix) too large for
 * 32 or, when wide, for 64 bits? libconfig reads hexadecimal digits as unsigned; what has the
 * top bit set would come out negative. */
static bool too_large(const char *start, bool wide)
{
	bool hexadecimal = start[0] == '0' && (start[1] == 'x' || start[1] == 'X');
	long long value;

	errno = 0;
	value = strtoll(start, NULL, hexadecimal ? 16 : 10);
	return errno == ERANGE || (!wide && (value > INT32_MAX || value < INT32_MIN));
}

static void scan_number(struct scan *scan)
{
	const char *start = scan->at, *digits;
	size_t len;
	bool wide;

	if (*scan->at == '-' || *scan->at == '+')
		scan->at++;
	digits = scan->at;
	if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X')) {
		scan->at += 2;
		while (isxdigit((unsigned char)*scan->at))
			scan->at++;
	} else {
		while (is_digit(*scan->at))
			scan->at++;
		if (*scan->at == '.' || *scan->at == 'e' || *scan->at == 'E') {
			while (isalnum((unsigned char)*scan->at) || *scan->at == '.')
				scan->at++;
			return;
		}
	}
	len = (size_t)(scan->at - start);
	wide = *scan->at == 'L';
	scan->at += strspn(scan->at, "L");
	if (!too_large(start, wide))
		return;
	if (len > 40)
		len = 40;
	if (wide || too_large(start, true))
		faults_add(scan->faults, scan->file, scan->line,
			   owned_format("the number %.*s is too large", (int)len, start));
	else
		faults_add(scan->faults, scan->file, scan->line,
			   owned_format("the number %.*s needs the suffix L: %.*sL", (int)len,
					start, (int)len, start));
}

static void scan_included(struct scan *scan, const char *name)
{
	char *path = owned_path(scan->folder, name);
	const char *why;
	size_t size;
	char *text = scan->depth < SCAN_INCLUDES_MAX
			 ? file_read(path, FILE_BYTES_MAX, &size, NULL, &why)
			 : NULL;

	if (text) {
		struct scan inner = { .at = text,
				      .line = 1,
				      .file = path,
				      .folder = scan->folder,
				      .depth = scan->depth + 1,
				      .faults = scan->faults };

		scan_text(&inner);
	}
	free(text);
	free(path);
}

/* At the start of a line: @include "file". */
static void scan_include(struct scan *scan)
{
	static const char word[] = "@include";
	const char *at = scan->at + strspn(scan->at, " \t");
	size_t len;
	char *name;

	if (strncmp(at, word, sizeof(word) - 1) != 0)
		return;
	at += sizeof(word) - 1;
	at += strspn(at, " \t");
	if (*at != '"')
		return;
	len = strcspn(at + 1, "\"\n");
	name = owned_format("%.*s", (int)len, at + 1);
	scan_included(scan, name);
	free(name);
	skip_line(scan);
}

static void scan_text(struct scan *scan)
{
	scan_include(scan);
	while (*scan->at) {
		char c = scan->at[0], next = scan->at[1];

		if (c == '\n') {
			scan->line++;
			scan->at++;
			scan_include(scan);
		} else if (c == '#' || (c == '/' && next == '/')) {
			skip_line(scan);
		} else if (c == '/' && next == '*') {
			skip_comment(scan);
		} else if (c == '"') {
			skip_string(scan);
		} else if (is_digit(c) || ((c == '-' || c == '+') && is_digit(next))) {
			scan_number(scan);
		} else if (isalpha((unsigned char)c) || c == '*') {
			skip_name(scan);
		} else {
			scan->at++;
		}
	}
}

void scan_integers(const char *text, const char *file, const char *folder, struct faults *faults)
{
	struct scan scan = {
		.at = text, .line = 1, .file = file, .folder = folder, .faults = faults
	};

	scan_text(&scan);
}
