#include "conf/check/keys.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf/read/file.h"
#include "conf/table/password_hash.h"

#define FILE_SIZE_MAX    65536
#define PEM_BYTES_MAX    1048576
#define SECRET_BYTES_MAX 8000 /* what fits into an upgrade request is less */
#define KEY_CHARACTERS   40

#define SECRET_KEY_BYTES_MIN 32 /* as many as the hash of HS256 has: RFC 7518, 3.2 */

/* Returns new bytes, to be wiped, or NULL after a fault. *line: the length of the
 * first line. */
static char *read_lines(struct reader *reader, struct config_setting_t *group, const char *member,
			const char *path, bool secret, size_t *size, size_t *line)
{
	const char *why;
	struct stat about;
	char *text = file_read(path, FILE_SIZE_MAX, size, &about, &why);

	if (!text) {
		reader_fault(reader, group, member, "%s '%.200s' cannot be read: %s", member, path,
			     why);
		return NULL;
	}
	if (secret && !file_is_private(&about, path, reader_credentials(reader)))
		reader_fault(reader, group, member,
			     "%s '%s' is open to others than its owner: chmod 600 %s", member, path,
			     path);
	*line = strcspn(text, "\r\n");
	return text;
}

static void wipe(char *text, size_t size)
{
	explicit_bzero(text, size);
	free(text);
}

/* What begins as a hash is none that anybody types. */
static void check_file_hash(struct reader *reader, struct config_setting_t *group, const char *path,
			    char *text, size_t line)
{
	const char *fault;

	text[line] = '\0';
	fault = password_hash_meant(text) ? password_hash_fault(text) : NULL;
	if (fault)
		reader_fault(reader, group, "secret_file", "the hash in secret_file '%s' %s", path,
			     fault);
}

static void check_first_line(struct reader *reader, struct config_setting_t *group,
			     const char *member, const char *path, const char *text, size_t size,
			     size_t line)
{
	if (line == 0)
		reader_fault(reader, group, member, "%s '%s' has no secret in its first line",
			     member, path);
	if (line < size && text[line] == '\0')
		reader_fault(reader, group, member, "%s '%s' has a NUL byte in its first line",
			     member, path);
	if (line > SECRET_BYTES_MAX)
		reader_fault(reader, group, member, "%s '%s' has a secret longer than %d bytes",
			     member, path, SECRET_BYTES_MAX);
}

void check_own_secret_file(struct reader *reader, struct config_setting_t *group,
			   const char *member, const char *path)
{
	size_t size, line;
	char *text = read_lines(reader, group, member, path, true, &size, &line);

	if (!text)
		return;
	check_first_line(reader, group, member, path, text, size, line);
	text[line] = '\0';
	if (password_hash_meant(text))
		reader_fault(reader, group, member,
			     "%s '%s' has a hash: the secret itself is needed to log in with it",
			     member, path);
	wipe(text, size);
}

void check_secret_file(struct reader *reader, struct config_setting_t *group, const char *member,
		       const char *path)
{
	size_t size, line;
	char *text = read_lines(reader, group, member, path, true, &size, &line);

	if (!text)
		return;
	check_first_line(reader, group, member, path, text, size, line);
	/* A token is no password. */
	if (strcmp(member, "secret_file") == 0)
		check_file_hash(reader, group, path, text, line);
	wipe(text, size);
}

void check_secret_key_file(struct reader *reader, struct config_setting_t *group,
			   const char *member, const char *path)
{
	size_t size, line;
	char *text = read_lines(reader, group, member, path, true, &size, &line);

	if (!text)
		return;
	if (line < SECRET_KEY_BYTES_MIN || line > SECRET_BYTES_MAX)
		reader_fault(reader, group, member,
			     "%s '%s' has a secret of %zu bytes in its first line: %d to %d are "
			     "needed",
			     member, path, line, SECRET_KEY_BYTES_MIN, SECRET_BYTES_MAX);
	else if (strlen(text) < line)
		reader_fault(reader, group, member, "%s '%s' has a NUL byte in its first line",
			     member, path);
	wipe(text, size);
}

void check_public_key_file(struct reader *reader, struct config_setting_t *group,
			   const char *member, const char *path)
{
	size_t size, line;
	char *text = read_lines(reader, group, member, path, false, &size, &line);

	if (!text)
		return;
	if (strstr(text, "PRIVATE KEY-----"))
		reader_fault(reader, group, member,
			     "%s '%s' has a private key, with which anybody could sign: only its "
			     "public key belongs here",
			     member, path);
	else if (!strstr(text, "-----BEGIN PUBLIC KEY-----"))
		reader_fault(reader, group, member, "%s '%s' is not a PEM file with a public key",
			     member, path);
	wipe(text, size);
}

void check_pem_file(struct reader *reader, struct config_setting_t *group, const char *member,
		    const char *path, const char *title, bool closed)
{
	const char *why;
	struct stat about;
	size_t size;
	char *text = file_read(path, PEM_BYTES_MAX, &size, &about, &why);
	const char *begin = text ? strstr(text, "-----BEGIN ") : NULL;

	if (!text)
		reader_fault(reader, group, member, "%s '%.200s' cannot be read: %s", member, path,
			     why);
	else if (closed && !file_is_private(&about, path, reader_credentials(reader)))
		reader_fault(reader, group, member,
			     "%s '%s' is open to others than its owner: chmod 600 %s", member, path,
			     path);
	else if (!begin || !strstr(begin, title))
		reader_fault(reader, group, member, "%s '%s' is not a PEM file with a %s", member,
			     path, closed ? "private key" : "certificate");
	if (text)
		explicit_bzero(text, size);
	free(text);
}

/* Five characters stand for 32 bits. */
static bool is_z85(const char *text, size_t len)
{
	static const char alphabet[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
	uint64_t value = 0;

	for (size_t i = 0; i < len; i++) {
		const char *found = text[i] ? strchr(alphabet, text[i]) : NULL;

		if (!found)
			return false;
		value = (i % 5 ? value * 85 : 0) + (uint64_t)(found - alphabet);
		if (value > UINT32_MAX)
			return false;
	}
	return true;
}

void check_key_file(struct reader *reader, struct config_setting_t *group, const char *member,
		    const char *path, bool secret)
{
	size_t size, line;
	char *text = read_lines(reader, group, member, path, secret, &size, &line);

	if (!text)
		return;
	if (line != KEY_CHARACTERS || !is_z85(text, line))
		reader_fault(reader, group, member,
			     "%s '%s' has no key in its first line: %d characters of Z85, as "
			     "'dragoman keygen' makes",
			     member, path, KEY_CHARACTERS);
	wipe(text, size);
}
