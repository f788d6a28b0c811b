#include "conf/read/scan.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf/read/file.h"
#include "conf/table/owned.h"

#define DIGITS_SHOWN_MAX 40

struct scan {
	const char *at;
	unsigned line;
	const char *file, *folder;
	unsigned depth;
	struct faults *faults;
	bool endless;
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

static void endless(struct scan *scan, unsigned line, const char *message)
{
	faults_add(scan->faults, scan->file, line, owned_text(message));
	scan->endless = true;
}

static void skip_comment(struct scan *scan)
{
	unsigned first = scan->line;

	for (scan->at += 2; *scan->at; scan->at++) {
		if (scan->at[0] == '*' && scan->at[1] == '/') {
			scan->at += 2;
			return;
		}
		if (*scan->at == '\n')
			scan->line++;
	}
	endless(scan, first, "this comment has no end: '*/' is missing");
}

static void skip_string(struct scan *scan)
{
	unsigned first = scan->line;

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
	endless(scan, first, "this text has no end: '\"' is missing");
}

static void skip_name(struct scan *scan)
{
	while (isalnum((unsigned char)*scan->at) || (*scan->at && strchr("-_*", *scan->at)))
		scan->at++;
}

static bool is_hexadecimal(const char *digits)
{
	return digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
}

/* Is the number at start too large for 32 or, when wide, for 64 bits? libconfig reads
 * hexadecimal digits as unsigned; what has the top bit set would come out negative. */
static bool too_large(const char *start, bool wide)
{
	long long value;

	errno = 0;
	value = strtoll(start, NULL, is_hexadecimal(start) ? 16 : 10);
	return errno == ERANGE || (!wide && (value > INT32_MAX || value < INT32_MIN));
}

/* What libconfig makes of such a number. */
static int64_t wrapped(const char *start, bool wide)
{
	int64_t value = is_hexadecimal(start) ? (int64_t)strtoull(start, NULL, 16)
					      : (int64_t)strtoll(start, NULL, 10);

	return wide ? value : (int32_t)value;
}

/* Steps over a number. Returns the length of its digits and sign, 0 when it has a fraction. */
static size_t skip_number(struct scan *scan)
{
	const char *start = scan->at;

	if (*scan->at == '-' || *scan->at == '+')
		scan->at++;
	if (is_hexadecimal(scan->at)) {
		scan->at += 2;
		while (isxdigit((unsigned char)*scan->at))
			scan->at++;
		return (size_t)(scan->at - start);
	}
	while (is_digit(*scan->at))
		scan->at++;
	if (*scan->at != '.' && *scan->at != 'e' && *scan->at != 'E')
		return (size_t)(scan->at - start);
	while (isalnum((unsigned char)*scan->at) || *scan->at == '.')
		scan->at++;
	return 0;
}

static void scan_number(struct scan *scan)
{
	const char *start = scan->at;
	size_t len = skip_number(scan);
	bool wide = *scan->at == 'L';
	int shown = len > DIGITS_SHOWN_MAX ? DIGITS_SHOWN_MAX : (int)len;
	char *message;

	scan->at += strspn(scan->at, "L");
	if (len == 0 || !too_large(start, wide))
		return;
	if (wide || too_large(start, true))
		message = owned_format("the number %.*s is too large", shown, start);
	else
		message = owned_format("the number %.*s needs the suffix L: %.*sL", shown, start,
				       shown, start);
	faults_add_number(scan->faults, scan->file, scan->line, wrapped(start, wide), message);
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
		scan->endless = scan->endless || inner.endless;
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

bool scan_numbers(const char *text, const char *file, const char *folder, struct faults *faults)
{
	struct scan scan = {
		.at = text, .line = 1, .file = file, .folder = folder, .faults = faults
	};

	scan_text(&scan);
	return !scan.endless;
}
