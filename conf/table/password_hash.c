#include "conf/table/password_hash.h"

#include <string.h>

#define LANES_MAX 16

/* In base64 without padding: the shortest that the algorithm allows, and more than anybody makes.
 */
#define SALT_CHARS_MIN 11
#define HASH_CHARS_MIN 22

#define DIGITS "0123456789"
#define BASE64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" DIGITS "+/"

bool password_hash_meant(const char *text)
{
	return strncmp(text, PASSWORD_HASH_PREFIX, sizeof(PASSWORD_HASH_PREFIX) - 1) == 0;
}

static bool take_text(const char **at, const char *text)
{
	size_t len = strlen(text);

	if (strncmp(*at, text, len) != 0)
		return false;
	*at += len;
	return true;
}

/* "name" and a number as the library writes it. */
static bool take_number(const char **at, const char *name, unsigned long *number)
{
	size_t len;

	if (!take_text(at, name))
		return false;
	len = strspn(*at, DIGITS);
	if (len == 0 || len > 9 || (*at)[0] == '0')
		return false;
	*number = 0;
	for (size_t i = 0; i < len; i++)
		*number = *number * 10 + (unsigned long)((*at)[i] - '0');
	*at += len;
	return true;
}

/* '$' and base64. Bits behind the last byte are 0. */
static bool take_bytes(const char **at, size_t min)
{
	size_t len, spare;

	if (!take_text(at, "$"))
		return false;
	len = strspn(*at, BASE64);
	if (len < min || len % 4 == 1)
		return false;
	spare = len % 4 == 2 ? 16 : len % 4 == 3 ? 4 : 1;
	if ((size_t)(strchr(BASE64, (*at)[len - 1]) - BASE64) % spare != 0)
		return false;
	*at += len;
	return true;
}

const char *password_cost_fault(unsigned long kib, unsigned long passes, unsigned long lanes)
{
	if (lanes > LANES_MAX)
		return "has more than 16 lanes";
	if (kib < PASSWORD_KIB_MIN * lanes)
		return "takes less memory than argon2id needs";
	if (kib > PASSWORD_KIB_MAX)
		return "takes more memory than 256 MiB for one login";
	if (passes == 0)
		return "makes no pass";
	if (passes > PASSWORD_WORK_MAX / kib)
		return "takes too long: memory times passes is more than 1024 MiB";
	return NULL;
}

const char *password_hash_fault(const char *text)
{
	const char *at = text;
	unsigned long kib, passes, lanes;

	if (strlen(text) >= PASSWORD_HASH_BYTES || !take_text(&at, PASSWORD_HASH_PREFIX) ||
	    !take_number(&at, "v=19$m=", &kib) || !take_number(&at, ",t=", &passes) ||
	    !take_number(&at, ",p=", &lanes) || !take_bytes(&at, SALT_CHARS_MIN) ||
	    !take_bytes(&at, HASH_CHARS_MIN) || *at != '\0')
		return "is not an argon2id hash, as 'dragoman passwd' makes";
	return password_cost_fault(kib, passes, lanes);
}
