#include "bridge/service/environment.h"

#include <stdlib.h>
#include <string.h>

#define DIGITS_MAX 18

uint64_t environment_number(const char *name)
{
	const char *text = getenv(name);
	size_t len = text ? strspn(text, "0123456789") : 0;

	if (len == 0 || len > DIGITS_MAX || text[len] != '\0')
		return 0;
	return strtoull(text, NULL, 10);
}
