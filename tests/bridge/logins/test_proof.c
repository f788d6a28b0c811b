/* Which of a mount's logins judges whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/core/directory.h"
#include "bridge/logins/proof.h"
#include "tests/support/accounts.h"
#include "tests/support/floor.h"
#include "tests/support/jwt_sign.h"

#define TOKEN  "dgm_0123456789abcdefghijklmnopqrstuvwxyzABCDE-_"
#define SIGNED "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"
#define SECRET "0123456789abcdef0123456789abcdef"

static char folder[] = P_tmpdir "/dragoman-test-XXXXXX";

static void open_floor(struct floor *floor, const char *mount)
{
	char *text;

	assert_true(
	    asprintf(&text,
		     "accounts = ( { name = \"ann\"; number = 7; secret_hash = \"" HASH_RIGHT
		     "\"; } ); backends = ( { name = \"id\"; bind = \"ipc://%s/s\"; } );"
		     "listeners = ( { port = 0; mounts = ( { path = \"/c\"; dialect = "
		     "\"concord\"; %s } ); } );" FLOOR_LOBBY,
		     folder, mount) > 0);
	floor_open(floor, 1, text);
	free(text);
}

static const struct mount *mount_of(const struct floor *floor)
{
	return &floor->stage->bridge->listeners[0].mounts[0];
}

/* Of whom: a name, or a name and a secret behind ':', or #number:secret, or nobody. */
static enum login_way way_of(const struct floor *floor, const char *who)
{
	const char *colon = strchr(who, ':');
	struct codec_login login = { .anonymous = !*who };

	if (*who == '#')
		login.claimed_number = (uint64_t)atol(who + 1);
	else if (*who)
		login.name = slice_span(who, colon ? (size_t)(colon - who) : strlen(who));
	if (colon)
		login.secret = slice_of(colon + 1);
	return proof_way(floor->stage->bridge, mount_of(floor), &login);
}

#define JWT                                                                                        \
	"jwt_algorithm = \"HS256\"; jwt_issuer = \"i\"; jwt_audience = \"a\"; jwt_key_file = "     \
	"\"%s/key\""

static const struct {
	const char *mount; /* %s: the folder */
	const char *who;
	enum login_way way;
} table[] = {
	/* as guests says */
	{ "", "bob", LOGIN_ACCOUNT },
	{ "", "ann:x", LOGIN_ACCOUNT },
	{ "", "", LOGIN_GUEST },
	{ "", TOKEN, LOGIN_TOKEN },
	{ "", "ann:" TOKEN, LOGIN_TOKEN },
	{ "", TOKEN ":x", LOGIN_TOKEN },
	{ "", SIGNED, LOGIN_ACCOUNT },
	{ "auth = \"backend:id\";", "bob", LOGIN_BACKEND },
	{ "auth = \"backend:id\";", "ann:x", LOGIN_BACKEND },
	{ "auth = \"backend:id\";", "", LOGIN_BACKEND },
	{ "auth = \"backend:id\";", TOKEN, LOGIN_TOKEN },
	/* as logins says */
	{ "logins = [ \"account\" ];", "ann:x", LOGIN_ACCOUNT },
	{ "logins = [ \"account\" ];", "#7:x", LOGIN_ACCOUNT },
	{ "logins = [ \"account\" ];", "bob:x", LOGIN_ACCOUNT }, /* takes as long */
	{ "logins = [ \"account\" ];", "", LOGIN_WAYS },
	{ "logins = [ \"account\" ];", TOKEN, LOGIN_WAYS },
	{ "logins = [ \"guest\" ];", "bob", LOGIN_GUEST },
	{ "logins = [ \"guest\" ];", "bob:x", LOGIN_GUEST },
	{ "logins = [ \"guest\" ];", "", LOGIN_GUEST },
	{ "logins = [ \"guest\" ];", "ann:x", LOGIN_WAYS },
	{ "logins = [ \"guest\" ];", TOKEN, LOGIN_WAYS },
	{ "logins = [ \"token\" ];", TOKEN, LOGIN_TOKEN },
	{ "logins = [ \"token\" ];", "bob", LOGIN_WAYS },
	{ "logins = [ \"account\", \"backend\" ]; auth = \"backend:id\";", "ann:x", LOGIN_ACCOUNT },
	{ "logins = [ \"account\", \"backend\" ]; auth = \"backend:id\";", "bob:x", LOGIN_BACKEND },
	{ "logins = [ \"account\", \"backend\" ]; auth = \"backend:id\";", "", LOGIN_BACKEND },
	{ "logins = [ \"account\", \"backend\" ]; auth = \"backend:id\";", TOKEN, LOGIN_BACKEND },
	{ "logins = [ \"jwt\", \"guest\" ]; " JWT ";", SIGNED, LOGIN_JWT },
	{ "logins = [ \"jwt\", \"guest\" ]; " JWT ";", "ann:" SIGNED, LOGIN_JWT },
	{ "logins = [ \"jwt\", \"guest\" ]; " JWT ";", "eyJones", LOGIN_GUEST },
	{ "logins = [ \"jwt\", \"guest\" ]; " JWT ";", TOKEN, LOGIN_WAYS },
	{ "logins = [ \"guest\", \"account\", \"token\", \"jwt\", \"backend\" ]; auth = "
	  "\"backend:id\"; " JWT ";",
	  "bob", LOGIN_GUEST },
	{ "logins = [ \"guest\", \"account\", \"token\", \"jwt\", \"backend\" ]; auth = "
	  "\"backend:id\"; " JWT ";",
	  "bob:x", LOGIN_BACKEND },
	{ "logins = [ \"guest\", \"account\", \"token\", \"jwt\", \"backend\" ]; auth = "
	  "\"backend:id\"; " JWT ";",
	  "ann:x", LOGIN_ACCOUNT },
	{ "logins = [ \"guest\", \"account\", \"token\", \"jwt\", \"backend\" ]; auth = "
	  "\"backend:id\"; " JWT ";",
	  TOKEN, LOGIN_TOKEN },
	{ "logins = [ \"guest\", \"account\", \"token\", \"jwt\", \"backend\" ]; auth = "
	  "\"backend:id\"; " JWT ";",
	  SIGNED, LOGIN_JWT },
};

static void the_first_that_is_meant_judges(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct floor floor;
		char mount[512];
		enum login_way way;

		snprintf(mount, sizeof(mount), "%s", table[i].mount);
		if (strstr(table[i].mount, "%s"))
			snprintf(mount, sizeof(mount), "%.*s%s%s",
				 (int)(strstr(table[i].mount, "%s") - table[i].mount),
				 table[i].mount, folder, strstr(table[i].mount, "%s") + 2);
		open_floor(&floor, mount);
		way = way_of(&floor, table[i].who);
		if (way != table[i].way)
			fail_msg("%s, \"%s\": %d and not %d", table[i].mount, table[i].who, way,
				 table[i].way);
		floor_close(&floor);
	}
}

/* Whoever signs knows names; numbers follow from these. A guest's or an account's is refused. */
static void who_is_signed_for(void **state)
{
	char mount[256], *token;
	struct codec_login login;
	struct proof proof;
	struct person who;
	struct floor floor;
	bool guest;

	(void)state;
	snprintf(mount, sizeof(mount), "logins = [ \"jwt\", \"guest\" ]; " JWT ";", folder);
	open_floor(&floor, mount);
	token = jwt_sign("{\"alg\":\"HS256\"}",
			 "{\"iss\":\"i\",\"aud\":\"a\",\"sub\":\"Zoe\",\"exp\":1767229200}",
			 SIGN_HS256, SECRET);
	login = (struct codec_login){ .name = slice_of(token) };
	assert_int_equal(proof_read(floor.stage->bridge, mount_of(&floor), LOGIN_JWT, &login,
				    STAGE_START_MS, &proof),
			 REASON_NONE);
	assert_int_equal(proof.kind, HOLDER_FOREIGN);
	assert_int_equal(
	    proof_enter(floor.stage->bridge->directory, &proof, true, false, 5, &who, &guest),
	    REASON_NONE);
	assert_true(slice_is(who.name, "Zoe"));
	assert_false(guest);
	directory_offline(floor.stage->bridge->directory, who.number);
	directory_logout(floor.stage->bridge->directory, who.number, 5);
	login.secret = login.name;
	login.name = SLICE("zoe");
	assert_int_equal(proof_read(floor.stage->bridge, mount_of(&floor), LOGIN_JWT, &login,
				    STAGE_START_MS, &proof),
			 REASON_NONE);
	login.name = SLICE("bob");
	assert_int_equal(proof_read(floor.stage->bridge, mount_of(&floor), LOGIN_JWT, &login,
				    STAGE_START_MS, &proof),
			 REASON_BAD_LOGIN);
	login.name = SLICE("zoe");
	assert_int_equal(proof_read(floor.stage->bridge, mount_of(&floor), LOGIN_JWT, &login,
				    STAGE_START_MS + 3600000 + 30000, &proof),
			 REASON_BAD_LOGIN);
	free(token);
	floor_close(&floor);
}

static int prepare(void **state)
{
	char path[64];
	FILE *file;

	(void)state;
	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/key", folder);
	file = fopen(path, "wb");
	if (!file)
		return 1;
	fputs(SECRET "\n", file);
	fclose(file);
	return chmod(path, 0600);
}

static int clean(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/key", folder);
	unlink(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_that_is_meant_judges),
		cmocka_unit_test(who_is_signed_for),
	};

	return cmocka_run_group_tests(tests, prepare, clean);
}
