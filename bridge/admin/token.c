#include "bridge/admin/token.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bridge/net/http/http_chars.h"
#include "codecs/text/memory.h"
#include "conf/read/file.h"

#define FILE_BYTES_MAX 65536

static const char scheme[] = "Bearer ";
#define SCHEME_LEN (sizeof(scheme) - 1)

char *token_read(const char *path, FILE *errors)
{
	const char *why;
	size_t size;
	char *text = file_read(path, FILE_BYTES_MAX, &size, NULL, &why), *token = NULL;
	struct slice line = { 0 };

	if (text)
		line = http_trimmed(slice_span(text, strcspn(text, "\r\n")));
	if (line.len > 0)
		token = memory_text(line.data, line.len);
	else
		fprintf(errors, "dragoman: %s: no token in it\n", path);
	if (text)
		explicit_bzero(text, size);
	free(text);
	return token;
}

void token_free(char *token)
{
	if (token)
		explicit_bzero(token, strlen(token));
	free(token);
}

/* All of what is shown is compared, with the token over and over if that is shorter. */
static bool is_equal(struct slice shown, const char *token)
{
	size_t len = strlen(token);
	volatile unsigned char differs = shown.len != len;

	for (size_t i = 0; i < shown.len; i++)
		differs |= (unsigned char)(shown.data[i] ^ token[i % len]);
	return !differs;
}

bool token_is_shown(const char *token, struct slice authorization)
{
	if (authorization.len <= SCHEME_LEN ||
	    strncasecmp(authorization.data, scheme, SCHEME_LEN) != 0)
		return false;
	return is_equal(http_trimmed(slice_span(authorization.data + SCHEME_LEN,
						authorization.len - SCHEME_LEN)),
			token);
}
