#include "bridge/secrets/jwt.h"

#include <jansson.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/credentials.h"
#include "codecs/model/envelope.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"
#include "conf/read/file.h"

#define KEY_FILE_MAX   65536
#define HMAC_BYTES_MIN 32 /* RFC 7518, 3.2 */
#define RSA_BITS_MIN   2048
#define RSA_BITS_MAX   8192 /* verifying takes longer with each bit */
#define POINT_BYTES    32   /* of each half of a signature by P-256 */
#define SIGNATURE_MAX  (RSA_BITS_MAX / 8)
#define HMAC_BYTES     32
#define DER_MAX        80 /* of an ECDSA signature */

/* One file's. */
struct key {
	unsigned char *secret; /* owned; of HS256 */
	size_t secret_len;
	EVP_PKEY *public; /* owned; of the others */
};

struct jwt {
	pthread_mutex_t lock; /* of the key: held for microseconds */
	enum jwt_algorithm algorithm;
	char *issuer, *audience, *name, *roles;
	uint64_t leeway_s;
	struct key key;
};

static const char *const algorithms[JWT_ALGORITHMS] = { "HS256", "RS256", "ES256" };

enum jwt_algorithm jwt_algorithm_find(const char *word)
{
	enum jwt_algorithm algorithm = JWT_HS256;

	while (algorithm < JWT_ALGORITHMS && strcmp(algorithms[algorithm], word) != 0)
		algorithm++;
	return algorithm;
}

const char *jwt_verdict_code(enum jwt_verdict verdict)
{
	static const char *const codes[JWT_VERDICTS] = {
		"holds",   "too_long", "malformed",    "other_algorithm", "forged",
		"expired", "early",    "other_issuer", "other_audience",  "nameless",
	};

	return codes[verdict];
}

/* ---- keys ---- */

static void key_clear(struct key *key)
{
	if (key->secret)
		explicit_bzero(key->secret, key->secret_len);
	free(key->secret);
	EVP_PKEY_free(key->public);
	*key = (struct key){ 0 };
}

static bool secret_take(struct key *key, const char *text, const char *path, char why[JWT_WHY_MAX])
{
	size_t len = strcspn(text, "\r\n");

	if (len < HMAC_BYTES_MIN) {
		snprintf(why, JWT_WHY_MAX, "%.150s: a secret of %zu bytes: %d are needed", path,
			 len, HMAC_BYTES_MIN);
		return false;
	}
	key->secret = memory_new(len);
	memcpy(key->secret, text, len);
	key->secret_len = len;
	return true;
}

static const char *public_fault(const EVP_PKEY *public, enum jwt_algorithm algorithm)
{
	char curve[32] = "";
	int bits = EVP_PKEY_get_bits(public);

	if (algorithm == JWT_RS256) {
		if (EVP_PKEY_get_base_id(public) != EVP_PKEY_RSA)
			return "RS256 needs an RSA key";
		return bits < RSA_BITS_MIN || bits > RSA_BITS_MAX
			   ? "RS256 needs an RSA key of 2048 to 8192 bits"
			   : NULL;
	}
	if (EVP_PKEY_get_base_id(public) != EVP_PKEY_EC ||
	    !EVP_PKEY_get_group_name(public, curve, sizeof(curve), NULL) ||
	    (strcmp(curve, "prime256v1") != 0 && strcmp(curve, "P-256") != 0))
		return "ES256 needs a key of the curve P-256 (prime256v1)";
	return NULL;
}

static bool public_take(struct key *key, enum jwt_algorithm algorithm, const char *text,
			size_t size, const char *path, char why[JWT_WHY_MAX])
{
	BIO *bio = BIO_new_mem_buf(text, (int)size);
	const char *fault = "it is not a PEM file with a public key";

	key->public = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
	BIO_free(bio);
	ERR_clear_error();
	if (key->public)
		fault = public_fault(key->public, algorithm);
	if (!fault)
		return true;
	snprintf(why, JWT_WHY_MAX, "%.150s: %s", path, fault);
	key_clear(key);
	return false;
}

static bool key_read(struct key *key, enum jwt_algorithm algorithm, const char *path,
		     char why[JWT_WHY_MAX])
{
	const char *fault;
	size_t size;
	char *text = file_read(path, KEY_FILE_MAX, &size, NULL, &fault);
	bool taken;

	*key = (struct key){ 0 };
	if (!text) {
		snprintf(why, JWT_WHY_MAX, "%.150s: %s", path, fault);
		return false;
	}
	taken = algorithm == JWT_HS256 ? secret_take(key, text, path, why)
				       : public_take(key, algorithm, text, size, path, why);
	explicit_bzero(text, size);
	free(text);
	return taken;
}

static char *copy(const char *text)
{
	return memory_text(text, strlen(text));
}

struct jwt *jwt_new(const struct jwt_rules *rules, const char *key_file, char why[JWT_WHY_MAX])
{
	struct key key;
	struct jwt *jwt;

	if (!key_read(&key, rules->algorithm, key_file, why))
		return NULL;
	jwt = memory_zeroed(1, sizeof(*jwt));
	pthread_mutex_init(&jwt->lock, NULL);
	jwt->algorithm = rules->algorithm;
	jwt->issuer = copy(rules->issuer);
	jwt->audience = copy(rules->audience);
	jwt->name = copy(rules->name);
	jwt->roles = copy(rules->roles);
	jwt->leeway_s = rules->leeway_s;
	jwt->key = key;
	return jwt;
}

void jwt_free(struct jwt *jwt)
{
	if (!jwt)
		return;
	key_clear(&jwt->key);
	pthread_mutex_destroy(&jwt->lock);
	free(jwt->issuer);
	free(jwt->audience);
	free(jwt->name);
	free(jwt->roles);
	free(jwt);
}

bool jwt_renew(struct jwt *jwt, const char *key_file, char why[JWT_WHY_MAX])
{
	struct key key, old;

	if (!key_read(&key, jwt->algorithm, key_file, why))
		return false;
	pthread_mutex_lock(&jwt->lock);
	old = jwt->key;
	jwt->key = key;
	pthread_mutex_unlock(&jwt->lock);
	key_clear(&old);
	return true;
}

/* ---- the parts of a token ---- */

bool jwt_meant(struct slice text)
{
	/* {" in base64, as the header of each begins. */
	return text.len > 3 && memcmp(text.data, "eyJ", 3) == 0 &&
	       memchr(text.data, '.', text.len) != NULL;
}

struct parts {
	struct slice header, claims, signature; /* as they came */
	struct slice signed_text;               /* the first two, with the dot between */
};

static bool take_part(struct slice *rest, struct slice *part)
{
	const char *dot = rest->len ? memchr(rest->data, '.', rest->len) : NULL;
	size_t len = dot ? (size_t)(dot - rest->data) : rest->len;

	*part = slice_span(rest->data, len);
	*rest = dot ? slice_span(dot + 1, rest->len - len - 1) : (struct slice){ NULL, 0 };
	return part->len > 0;
}

static bool split(struct slice text, struct parts *parts)
{
	struct slice rest = text;

	if (!take_part(&rest, &parts->header) || !take_part(&rest, &parts->claims) || !rest.data)
		return false;
	parts->signed_text = slice_span(text.data, parts->header.len + 1 + parts->claims.len);
	return take_part(&rest, &parts->signature) && !rest.data;
}

/* RFC 7515: the URL alphabet, no padding, and no bits left over, so that there is one way to write
 * what is signed. */
static struct slice decode(struct slice part, char *scratch)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789-_";
	const char *last;
	unsigned unused = part.len % 4 == 2 ? 0x0f : part.len % 4 == 3 ? 0x03 : 0;

	for (size_t i = 0; i < part.len; i++)
		if (!memchr(alphabet, part.data[i], sizeof(alphabet) - 1))
			return (struct slice){ NULL, 0 };
	last = memchr(alphabet, part.data[part.len - 1], sizeof(alphabet) - 1);
	if ((unsigned)(last - alphabet) & unused)
		return (struct slice){ NULL, 0 };
	return credentials_base64(part, scratch);
}

/* Returns new (json_decref()), or NULL when it is no object. */
static json_t *parse(struct slice part, char *scratch)
{
	struct slice text = decode(part, scratch);
	json_t *object =
	    text.data ? json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, NULL) : NULL;

	if (json_is_object(object))
		return object;
	json_decref(object);
	return NULL;
}

/* ---- the header ---- */

static enum jwt_verdict judge_header(const struct jwt *jwt, struct slice part, char *scratch)
{
	json_t *header = parse(part, scratch);
	const char *algorithm = json_string_value(json_object_get(header, "alg"));
	enum jwt_verdict verdict = JWT_HOLDS;

	/* What is critical would have to be understood: RFC 7515, 4.1.11. */
	if (!header || !algorithm || json_object_get(header, "crit"))
		verdict = JWT_MALFORMED;
	else if (strcmp(algorithm, algorithms[jwt->algorithm]) != 0)
		verdict = JWT_OTHER_ALGORITHM;
	json_decref(header);
	return verdict;
}

/* ---- the signature ---- */

static bool fits_hmac(struct jwt *jwt, struct slice text, struct slice signature)
{
	const struct key *key = &jwt->key;
	unsigned char wanted[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	bool made;

	pthread_mutex_lock(&jwt->lock);
	made = HMAC(EVP_sha256(), key->secret, (int)key->secret_len,
		    (const unsigned char *)text.data, text.len, wanted, &len) != NULL;
	pthread_mutex_unlock(&jwt->lock);
	return made && len == HMAC_BYTES && signature.len == HMAC_BYTES &&
	       CRYPTO_memcmp(wanted, signature.data, HMAC_BYTES) == 0;
}

static bool fits_public(EVP_PKEY *public, struct slice text, const unsigned char *signature,
			size_t len)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool fits =
	    context && EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, public) == 1 &&
	    EVP_DigestVerify(context, signature, len, (const unsigned char *)text.data, text.len) ==
		1;

	EVP_MD_CTX_free(context);
	ERR_clear_error();
	return fits;
}

/* A JWT has the two numbers side by side (RFC 7518, 3.4), OpenSSL wants them as DER. */
static bool fits_ecdsa(EVP_PKEY *public, struct slice text, struct slice signature)
{
	const unsigned char *bytes = (const unsigned char *)signature.data;
	unsigned char der[DER_MAX], *end = der;
	ECDSA_SIG *pair = ECDSA_SIG_new();
	BIGNUM *r, *s;
	int len = 0;

	if (pair && signature.len == (size_t)2 * POINT_BYTES) {
		r = BN_bin2bn(bytes, POINT_BYTES, NULL);
		s = BN_bin2bn(bytes + POINT_BYTES, POINT_BYTES, NULL);
		if (r && s && ECDSA_SIG_set0(pair, r, s) == 1) {
			len = i2d_ECDSA_SIG(pair, &end);
		} else {
			BN_free(r);
			BN_free(s);
		}
	}
	ECDSA_SIG_free(pair);
	return len > 0 && fits_public(public, text, der, (size_t)len);
}

/* A signature takes longer to verify than anybody may hold the lock. Free: EVP_PKEY_free(). NULL:
 * there is no memory. */
static EVP_PKEY *public_hold(struct jwt *jwt)
{
	EVP_PKEY *public;

	pthread_mutex_lock(&jwt->lock);
	public = EVP_PKEY_up_ref(jwt->key.public) == 1 ? jwt->key.public : NULL;
	pthread_mutex_unlock(&jwt->lock);
	return public;
}

static bool fits(struct jwt *jwt, struct slice text, struct slice signature)
{
	EVP_PKEY *public;
	bool fit;

	if (jwt->algorithm == JWT_HS256)
		return fits_hmac(jwt, text, signature);
	public = public_hold(jwt);
	if (!public)
		return false;
	fit = jwt->algorithm == JWT_ES256
		  ? fits_ecdsa(public, text, signature)
		  : fits_public(public, text, (const unsigned char *)signature.data, signature.len);
	EVP_PKEY_free(public);
	return fit;
}

static enum jwt_verdict judge_signature(struct jwt *jwt, const struct parts *parts, char *scratch)
{
	struct slice signature = decode(parts->signature, scratch);

	if (!signature.data)
		return JWT_MALFORMED;
	return signature.len <= SIGNATURE_MAX && fits(jwt, parts->signed_text, signature)
		   ? JWT_HOLDS
		   : JWT_FORGED;
}

/* ---- the claims ---- */

/* NumericDate: seconds, maybe with a fraction. */
static bool date_read(const json_t *value, uint64_t *seconds)
{
	double number = json_number_value(value);

	if (!json_is_number(value) || !(number >= 0) || number > 1e15)
		return false;
	*seconds = (uint64_t)number;
	return true;
}

static enum jwt_verdict judge_dates(const struct jwt *jwt, const json_t *claims, uint64_t now_s,
				    uint64_t *expires_s)
{
	const json_t *early = json_object_get(claims, "nbf");
	uint64_t from_s = 0;

	if (!date_read(json_object_get(claims, "exp"), expires_s) ||
	    now_s >= *expires_s + jwt->leeway_s)
		return JWT_EXPIRED;
	if (early && (!date_read(early, &from_s) || now_s + jwt->leeway_s < from_s))
		return JWT_EARLY;
	return JWT_HOLDS;
}

/* The whole text: jansson takes no NUL in one unless it is asked to. */
static bool is_text(const json_t *value, const char *text)
{
	return json_is_string(value) && strcmp(json_string_value(value), text) == 0;
}

static bool is_for(const json_t *audience, const char *text)
{
	size_t index;
	json_t *item;

	if (is_text(audience, text))
		return true;
	json_array_foreach(audience, index, item) if (is_text(item, text)) return true;
	return false;
}

static uint32_t roles_read(const json_t *list)
{
	uint32_t roles = 0;

	for (size_t i = 0; i < json_array_size(list) && i < JWT_ROLES_MAX; i++) {
		const char *word = json_string_value(json_array_get(list, i));

		if (word)
			roles |= person_role_find(slice_of(word));
	}
	return roles;
}

static bool name_read(const json_t *value, char name[JWT_NAME_MAX + 1])
{
	size_t len = json_string_length(value);

	if (!json_is_string(value) || len == 0 || len > JWT_NAME_MAX)
		return false;
	memcpy(name, json_string_value(value), len + 1);
	return true;
}

static enum jwt_verdict judge_claims(const struct jwt *jwt, const json_t *object, uint64_t now_s,
				     struct jwt_claims *claims)
{
	enum jwt_verdict verdict = judge_dates(jwt, object, now_s, &claims->expires_s);

	if (verdict != JWT_HOLDS)
		return verdict;
	if (!is_text(json_object_get(object, "iss"), jwt->issuer))
		return JWT_OTHER_ISSUER;
	if (!is_for(json_object_get(object, "aud"), jwt->audience))
		return JWT_OTHER_AUDIENCE;
	if (!name_read(json_object_get(object, jwt->name), claims->name))
		return JWT_NAMELESS;
	claims->roles = jwt->roles[0] ? roles_read(json_object_get(object, jwt->roles)) : 0;
	return JWT_HOLDS;
}

enum jwt_verdict jwt_read(struct jwt *jwt, struct slice text, uint64_t now_s,
			  struct jwt_claims *claims)
{
	char scratch[JWT_TEXT_MAX];
	enum jwt_verdict verdict;
	struct parts parts;
	json_t *object;

	*claims = (struct jwt_claims){ .roles = 0 };
	if (text.len > JWT_TEXT_MAX)
		return JWT_TOO_LONG;
	if (!split(text, &parts))
		return JWT_MALFORMED;
	verdict = judge_header(jwt, parts.header, scratch);
	if (verdict == JWT_HOLDS)
		verdict = judge_signature(jwt, &parts, scratch);
	if (verdict != JWT_HOLDS)
		return verdict;
	object = parse(parts.claims, scratch);
	verdict = object ? judge_claims(jwt, object, now_s, claims) : JWT_MALFORMED;
	json_decref(object);
	return verdict;
}
