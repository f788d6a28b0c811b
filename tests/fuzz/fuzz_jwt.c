/* JWTs of whoever: as they come, whose signature never fits; and what stands behind a line, header
 * and claims, signed with the key, so that they are looked at. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bridge/secrets/jwt.h"
#include "tests/support/jwt_sign.h"

#define SECRET   "0123456789abcdef0123456789abcdef"
#define NOW      UINT64_C(1767225600)
#define LEEWAY   30
#define TEXT_MAX 5000

static struct jwt *jwt;

static void begin(void)
{
	struct jwt_rules rules = { JWT_HS256, "i", "a", "sub", "groups", LEEWAY };
	char path[] = "/tmp/fuzz-jwt-XXXXXX", why[JWT_WHY_MAX];
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, SECRET "\n", sizeof(SECRET)) != sizeof(SECRET))
		abort();
	close(fd);
	jwt = jwt_new(&rules, path, why);
	unlink(path);
	if (!jwt)
		abort();
}

/* What its header promises of one that holds. */
static void look(struct slice text, bool is_signed)
{
	struct jwt_claims claims;
	enum jwt_verdict verdict = jwt_read(jwt, text, NOW, &claims);

	if (verdict >= JWT_VERDICTS || !jwt_verdict_code(verdict))
		abort();
	if (verdict != JWT_HOLDS)
		return;
	if (!is_signed || text.len > JWT_TEXT_MAX || !jwt_meant(text) ||
	    claims.expires_s + LEEWAY <= NOW || !claims.name[0] ||
	    strlen(claims.name) > JWT_NAME_MAX)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[TEXT_MAX + 1], *claims, *token;

	if (!jwt)
		begin();
	look(slice_span((const char *)data, size), false);
	if (size > TEXT_MAX)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	claims = strchr(text, '\n');
	if (!claims)
		return 0;
	*claims++ = '\0';
	token = jwt_sign(text, claims, SIGN_HS256, SECRET);
	look(slice_span(token, strlen(token)), true);
	free(token);
	return 0;
}
