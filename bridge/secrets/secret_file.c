#include "bridge/secrets/secret_file.h"

#include <stdlib.h>
#include <string.h>

#include "conf/read/file.h"

#define SECRET_FILE_BYTES_MAX 65536

bool secret_file_read(const char *path, char secret[SECRET_BYTES_MAX], FILE *errors)
{
	const char *why;
	size_t size, len;
	char *text = file_read(path, SECRET_FILE_BYTES_MAX, &size, NULL, &why);

	len = text ? strcspn(text, "\r\n") : 0;
	if (len == 0 || len >= SECRET_BYTES_MAX)
		fprintf(errors, "dragoman: %s: no secret in it\n", path);
	else
		snprintf(secret, SECRET_BYTES_MAX, "%.*s", (int)len, text);
	if (text)
		explicit_bzero(text, size);
	free(text);
	return len > 0 && len < SECRET_BYTES_MAX;
}
