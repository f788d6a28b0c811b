#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/secrets/jwt.h"
#include "codecs/model/envelope.h"
#include "tests/support/jwt_sign.h"

#define NOW    UINT64_C(1767225600)
#define SECRET "0123456789abcdef0123456789abcdef"

/* What all right ones say, but for the end. */
#define SAYS "{\"iss\":\"https://id.example\",\"aud\":\"chat\",\"sub\":\"ann\""
#define GOOD SAYS ",\"exp\":1767225660}"

static struct jwt_keys keys;
static char folder[] = P_tmpdir "/dragoman-test-XXXXXX";

static const char *in_folder(const char *name)
{
	static char path[sizeof(folder) + 32];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void write_text(const char *name, const char *text)
{
	FILE *file = fopen(in_folder(name), "wb");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static const char *const files[JWT_ALGORITHMS] = { "secret", "rsa", "p256" };

static struct jwt *make(enum jwt_algorithm algorithm, const char *roles)
{
	struct jwt_rules rules = { .algorithm = algorithm,
				   .issuer = "https://id.example",
				   .audience = "chat",
				   .name = "sub",
				   .roles = roles,
				   .leeway_s = 30 };
	char why[JWT_WHY_MAX] = "";
	struct jwt *jwt = jwt_new(&rules, in_folder(files[algorithm]), why);

	assert_string_equal(why, "");
	assert_non_null(jwt);
	return jwt;
}

static enum jwt_verdict judge(struct jwt *jwt, const char *token)
{
	struct jwt_claims claims;

	return jwt_read(jwt, slice_of(token), NOW, &claims);
}

static void expect(enum jwt_algorithm algorithm, const char *header, const char *claims,
		   enum jwt_signer signer, const void *key, enum jwt_verdict verdict)
{
	struct jwt *jwt = make(algorithm, "");
	char *token = jwt_sign(header, claims, signer, key);
	enum jwt_verdict found = judge(jwt, token);

	if (found != verdict)
		fail_msg("%s %s: %s, not %s", header, claims, jwt_verdict_code(found),
			 jwt_verdict_code(verdict));
	free(token);
	jwt_free(jwt);
}

static void right_ones_hold(void **state)
{
	(void)state;
	expect(JWT_HS256, "{\"alg\":\"HS256\",\"typ\":\"JWT\"}", GOOD, SIGN_HS256, SECRET,
	       JWT_HOLDS);
	expect(JWT_RS256, "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"x\"}", GOOD, SIGN_RS256,
	       keys.rsa, JWT_HOLDS);
	expect(JWT_ES256, "{\"alg\":\"ES256\"}", GOOD, SIGN_ES256, keys.p256, JWT_HOLDS);
}

/* The one of RFC 7515, A.1: made by others. */
static void the_one_of_the_rfc(void **state)
{
	static const unsigned char secret[] = {
		3,   35,  53, 75,  43,  15, 165, 188, 131, 126, 6,   101, 119, 123, 166, 143,
		90,  179, 40, 230, 240, 84, 201, 40,  169, 15,  132, 178, 210, 80,  46,  191,
		211, 251, 90, 146, 210, 6,  71,  239, 150, 138, 180, 195, 119, 98,  61,  34,
		61,  46,  33, 114, 5,   46, 79,  8,   192, 205, 154, 245, 103, 208, 128, 163
	};
	static const char token[] =
	    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
	    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
	    "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
	    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
	struct jwt_rules rules = { JWT_HS256, "joe", "chat", "sub", "", 0 };
	char why[JWT_WHY_MAX];
	struct jwt_claims claims;
	FILE *file = fopen(in_folder("rfc"), "wb");
	struct jwt *jwt;

	(void)state;
	assert_int_equal(fwrite(secret, 1, sizeof(secret), file), sizeof(secret));
	fclose(file);
	jwt = jwt_new(&rules, in_folder("rfc"), why);
	assert_non_null(jwt);
	/* The signature fits: what is missed is what it does not say. */
	assert_int_equal(jwt_read(jwt, slice_of(token), 1300819379, &claims), JWT_OTHER_AUDIENCE);
	assert_int_equal(jwt_read(jwt, slice_of(token), 1300819380, &claims), JWT_EXPIRED);
	jwt_free(jwt);
	unlink(in_folder("rfc"));
}

static void others_signed_it(void **state)
{
	(void)state;
	expect(JWT_HS256, "{\"alg\":\"HS256\"}", GOOD, SIGN_HS256, SECRET "x", JWT_FORGED);
	expect(JWT_RS256, "{\"alg\":\"RS256\"}", GOOD, SIGN_RS256, keys.other_rsa, JWT_FORGED);
	expect(JWT_ES256, "{\"alg\":\"ES256\"}", GOOD, SIGN_ES256, keys.other_p256, JWT_FORGED);
	expect(JWT_ES256, "{\"alg\":\"ES256\"}", GOOD, SIGN_DER, keys.p256, JWT_FORGED);
	expect(JWT_HS256, "{\"alg\":\"HS256\"}", GOOD, SIGN_RS256, keys.rsa, JWT_FORGED);
}

static void none_and_swapped_algorithms(void **state)
{
	static const char *const nones[] = { "none",  "None",  "NONE",   "nOnE",  "",
					     "hs256", "HS512", "ES256K", "RS256 " };
	char *public = jwt_public_text(keys.rsa);
	char header[64];

	(void)state;
	for (enum jwt_algorithm a = JWT_HS256; a < JWT_ALGORITHMS; a++) {
		for (size_t i = 0; i < sizeof(nones) / sizeof(nones[0]); i++) {
			snprintf(header, sizeof(header), "{\"alg\":\"%s\"}", nones[i]);
			expect(a, header, GOOD, SIGN_NOTHING, NULL, JWT_MALFORMED);
			expect(a, header, GOOD, SIGN_HS256, SECRET, JWT_OTHER_ALGORITHM);
		}
		expect(a, "{}", GOOD, SIGN_HS256, SECRET, JWT_MALFORMED);
		expect(a, "{\"alg\":null}", GOOD, SIGN_HS256, SECRET, JWT_MALFORMED);
		expect(a, "{\"alg\":[\"HS256\"]}", GOOD, SIGN_HS256, SECRET, JWT_MALFORMED);
	}
	/* The public key is no secret: whoever knows it signs with it as one. */
	expect(JWT_RS256, "{\"alg\":\"HS256\"}", GOOD, SIGN_HS256, public, JWT_OTHER_ALGORITHM);
	expect(JWT_RS256, "{\"alg\":\"RS256\"}", GOOD, SIGN_HS256, public, JWT_FORGED);
	expect(JWT_ES256, "{\"alg\":\"RS256\"}", GOOD, SIGN_RS256, keys.rsa, JWT_OTHER_ALGORITHM);
	expect(JWT_HS256, "{\"alg\":\"HS256\",\"alg\":\"none\"}", GOOD, SIGN_HS256, SECRET,
	       JWT_MALFORMED);
	expect(JWT_HS256, "{\"alg\":\"HS256\",\"crit\":[\"exp\"]}", GOOD, SIGN_HS256, SECRET,
	       JWT_MALFORMED);
	free(public);
}

static const struct {
	const char *claims;
	enum jwt_verdict verdict;
} claims_table[] = {
	{ SAYS ",\"exp\":1767225571}", JWT_HOLDS }, /* the leeway */
	{ SAYS ",\"exp\":1767225570}", JWT_EXPIRED },
	{ SAYS ",\"exp\":1767225660.5}", JWT_HOLDS },
	{ SAYS "}", JWT_EXPIRED },
	{ SAYS ",\"exp\":null}", JWT_EXPIRED },
	{ SAYS ",\"exp\":\"1767225660\"}", JWT_EXPIRED },
	{ SAYS ",\"exp\":-1}", JWT_EXPIRED },
	{ SAYS ",\"exp\":1e300}", JWT_EXPIRED },
	{ SAYS ",\"exp\":true}", JWT_EXPIRED },
	{ SAYS ",\"exp\":1767225660,\"nbf\":1767225630}", JWT_HOLDS },
	{ SAYS ",\"exp\":1767225660,\"nbf\":1767225631}", JWT_EARLY },
	{ SAYS ",\"exp\":1767225660,\"nbf\":\"0\"}", JWT_EARLY },
	{ SAYS ",\"exp\":1767225660,\"exp\":1967225660}", JWT_MALFORMED },
	{ "{\"aud\":\"chat\",\"sub\":\"ann\",\"exp\":1767225660}", JWT_OTHER_ISSUER },
	{ "{\"iss\":\"https://id.example/\",\"aud\":\"chat\",\"sub\":\"ann\",\"exp\":1767225660}",
	  JWT_OTHER_ISSUER },
	{ "{\"iss\":[\"https://id.example\"],\"aud\":\"chat\",\"sub\":\"a\",\"exp\":1767225660}",
	  JWT_OTHER_ISSUER },
	{ "{\"iss\":\"https://id.example\",\"sub\":\"ann\",\"exp\":1767225660}",
	  JWT_OTHER_AUDIENCE },
	{ "{\"iss\":\"https://id.example\",\"aud\":\"Chat\",\"sub\":\"a\",\"exp\":1767225660}",
	  JWT_OTHER_AUDIENCE },
	{ "{\"iss\":\"https://id.example\",\"aud\":[],\"sub\":\"ann\",\"exp\":1767225660}",
	  JWT_OTHER_AUDIENCE },
	{ "{\"iss\":\"https://id.example\",\"aud\":[1,\"x\",\"chat\"],\"sub\":\"a\",\"exp\":"
	  "1767225660}",
	  JWT_HOLDS },
	{ "{\"iss\":\"https://id.example\",\"aud\":\"chat\",\"exp\":1767225660}", JWT_NAMELESS },
	{ "{\"iss\":\"https://id.example\",\"aud\":\"chat\",\"sub\":7,\"exp\":1767225660}",
	  JWT_NAMELESS },
	{ "{\"iss\":\"https://id.example\",\"aud\":\"chat\",\"sub\":\"\",\"exp\":1767225660}",
	  JWT_NAMELESS },
	{ "{\"iss\":\"https://id.example\",\"aud\":\"chat\",\"sub\":\"a\\u0000b\",\"exp\":"
	  "1767225660}",
	  JWT_MALFORMED },
	{ "[]", JWT_MALFORMED },
	{ "{", JWT_MALFORMED },
	{ GOOD "x", JWT_MALFORMED },
};

static void what_they_have_to_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(claims_table) / sizeof(claims_table[0]); i++)
		expect(JWT_HS256, "{\"alg\":\"HS256\"}", claims_table[i].claims, SIGN_HS256, SECRET,
		       claims_table[i].verdict);
}

/* Whatever byte is another one, nobody is let in: not even by another way to write the same. */
static void each_byte_counts(void **state)
{
	static const struct {
		enum jwt_algorithm algorithm;
		enum jwt_signer signer;
		const char *header;
	} each[] = { { JWT_HS256, SIGN_HS256, "{\"alg\":\"HS256\"}" },
		     { JWT_ES256, SIGN_ES256, "{\"alg\":\"ES256\"}" } };

	(void)state;
	for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
		const void *key = each[i].algorithm == JWT_HS256 ? (const void *)SECRET : keys.p256;
		char *token = jwt_sign(each[i].header, GOOD, each[i].signer, key);
		struct jwt *jwt = make(each[i].algorithm, "");
		size_t len = strlen(token);

		assert_int_equal(judge(jwt, token), JWT_HOLDS);
		for (size_t at = 0; at < len; at++) {
			char was = token[at];

			token[at] = (char)(was == 'A' ? 'B' : 'A');
			assert_int_not_equal(judge(jwt, token), JWT_HOLDS);
			token[at] = '=';
			assert_int_not_equal(judge(jwt, token), JWT_HOLDS);
			token[at] = '\0';
			assert_int_not_equal(judge(jwt, token), JWT_HOLDS);
			token[at] = was;
		}
		assert_int_equal(judge(jwt, token), JWT_HOLDS);
		jwt_free(jwt);
		free(token);
	}
}

static void parts_and_lengths(void **state)
{
	static const char *const texts[] = { "",       ".",         "..",       "...",
					     "a.b",    "a.b.c",     "eyJ.",     "eyJ..",
					     "eyJ.e.", "eyJ.e.s.t", "e30.e30.", "a b.c.d" };
	struct jwt *jwt = make(JWT_HS256, "");
	char *long_claims = malloc(JWT_TEXT_MAX + 64), *token, *longer;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(judge(jwt, texts[i]), JWT_MALFORMED);
	memset(long_claims, 'x', JWT_TEXT_MAX + 63);
	long_claims[JWT_TEXT_MAX + 63] = '\0';
	token = jwt_sign("{\"alg\":\"HS256\"}", long_claims, SIGN_HS256, SECRET);
	assert_int_equal(judge(jwt, token), JWT_TOO_LONG);
	free(token);
	token = jwt_sign("{\"alg\":\"HS256\"}", GOOD, SIGN_HS256, SECRET);
	assert_true(asprintf(&longer, "%s.", token) > 0);
	assert_int_equal(judge(jwt, longer), JWT_MALFORMED);
	assert_true(jwt_meant(slice_of(token)));
	assert_false(jwt_meant(slice_of("eyJones")));
	assert_false(jwt_meant(slice_of("ann.b")));
	assert_false(jwt_meant((struct slice){ 0 }));
	free(longer);
	free(token);
	free(long_claims);
	jwt_free(jwt);
}

/* Deeper than any reader has to go. */
static void nested_deeply(void **state)
{
	char claims[5000] = SAYS ",\"x\":";
	size_t len = strlen(claims);

	(void)state;
	memset(claims + len, '[', 4900 - len);
	claims[4900] = '\0';
	expect(JWT_HS256, "{\"alg\":\"HS256\"}", claims, SIGN_HS256, SECRET, JWT_MALFORMED);
}

static void what_it_tells(void **state)
{
	struct jwt *jwt = make(JWT_HS256, "groups");
	char *token = jwt_sign("{\"alg\":\"HS256\"}",
			       SAYS ",\"exp\":1767225660,\"groups\":[\"mod\",\"other\",7,\"pro\"]}",
			       SIGN_HS256, SECRET);
	struct jwt_claims claims;

	(void)state;
	assert_int_equal(jwt_read(jwt, slice_of(token), NOW, &claims), JWT_HOLDS);
	assert_string_equal(claims.name, "ann");
	assert_int_equal(claims.roles, ROLE_MOD | ROLE_PRO);
	assert_int_equal(claims.expires_s, 1767225660);
	free(token);
	jwt_free(jwt);
}

static void refuse_key(enum jwt_algorithm algorithm, const char *name, const char *message)
{
	struct jwt_rules rules = { algorithm, "i", "a", "sub", "", 0 };
	char why[JWT_WHY_MAX] = "", wanted[JWT_WHY_MAX];
	struct jwt *jwt = jwt_new(&rules, in_folder(name), why);

	assert_null(jwt);
	snprintf(wanted, sizeof(wanted), "%s: %s", in_folder(name), message);
	assert_string_equal(why, wanted);
}

static void keys_that_are_none(void **state)
{
	(void)state;
	refuse_key(JWT_HS256, "absent", "No such file or directory");
	refuse_key(JWT_HS256, "short", "a secret of 31 bytes: 32 are needed");
	refuse_key(JWT_RS256, "secret", "it is not a PEM file with a public key");
	refuse_key(JWT_RS256, "private", "it is not a PEM file with a public key");
	refuse_key(JWT_RS256, "p256", "RS256 needs an RSA key");
	refuse_key(JWT_RS256, "small", "RS256 needs an RSA key of 2048 to 8192 bits");
	refuse_key(JWT_ES256, "rsa", "ES256 needs a key of the curve P-256 (prime256v1)");
	refuse_key(JWT_ES256, "p384", "ES256 needs a key of the curve P-256 (prime256v1)");
	assert_int_equal(jwt_algorithm_find("ES256"), JWT_ES256);
	assert_int_equal(jwt_algorithm_find("none"), JWT_ALGORITHMS);
	jwt_free(NULL);
}

static void keys_are_read_again(void **state)
{
	struct jwt *jwt = make(JWT_RS256, "");
	char *old = jwt_sign("{\"alg\":\"RS256\"}", GOOD, SIGN_RS256, keys.rsa);
	char *new = jwt_sign("{\"alg\":\"RS256\"}", GOOD, SIGN_RS256, keys.other_rsa);
	char why[JWT_WHY_MAX];

	(void)state;
	assert_false(jwt_renew(jwt, in_folder("p256"), why));
	assert_int_equal(judge(jwt, old), JWT_HOLDS);
	assert_true(jwt_renew(jwt, in_folder("other_rsa"), why));
	assert_int_equal(judge(jwt, old), JWT_FORGED);
	assert_int_equal(judge(jwt, new), JWT_HOLDS);
	free(old);
	free(new);
	jwt_free(jwt);
}

static const char *const names[] = { "secret", "short", "rsa",  "other_rsa",
				     "small",  "p256",  "p384", "private" };

static int prepare(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return 1;
	jwt_keys_make(&keys);
	write_text("secret", SECRET "\n");
	write_text("short", "0123456789abcdef0123456789abcde\n");
	jwt_public_write(keys.rsa, in_folder("rsa"));
	jwt_public_write(keys.other_rsa, in_folder("other_rsa"));
	jwt_public_write(keys.small_rsa, in_folder("small"));
	jwt_public_write(keys.p256, in_folder("p256"));
	jwt_public_write(keys.p384, in_folder("p384"));
	jwt_private_write(keys.rsa, in_folder("private"));
	return 0;
}

static int clean(void **state)
{
	(void)state;
	jwt_keys_free(&keys);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(in_folder(names[i]));
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(right_ones_hold),
		cmocka_unit_test(the_one_of_the_rfc),
		cmocka_unit_test(others_signed_it),
		cmocka_unit_test(none_and_swapped_algorithms),
		cmocka_unit_test(what_they_have_to_say),
		cmocka_unit_test(each_byte_counts),
		cmocka_unit_test(parts_and_lengths),
		cmocka_unit_test(nested_deeply),
		cmocka_unit_test(what_it_tells),
		cmocka_unit_test(keys_that_are_none),
		cmocka_unit_test(keys_are_read_again),
	};

	return cmocka_run_group_tests(tests, prepare, clean);
}
