#include "bridge/accounts.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/core/directory.h"
#include "bridge/secrets/secret_file.h"
#include "codecs/text/memory.h"
#include "conf/table/password_hash.h"

/* conf has checked it, but a file may be another one by now. */
static bool hash_fits(const char *path, const char *hash, FILE *errors)
{
	const char *fault = password_hash_fault(hash);

	if (fault)
		fprintf(errors, "dragoman: %s: the hash %s\n", path, fault);
	return !fault;
}

static bool account_read(const struct conf_account *conf, struct account *account, FILE *errors)
{
	char secret[SECRET_BYTES_MAX];

	bool hashed;

	if (conf->secret_hash[0])
		snprintf(secret, sizeof(secret), "%s", conf->secret_hash);
	else if (!secret_file_read(conf->secret_file, secret, errors))
		return false;
	hashed = password_hash_meant(secret);
	if (hashed && !hash_fits(conf->secret_file, secret, errors))
		return false;
	*account = (struct account){ .name = conf->name,
				     .number = (uint32_t)conf->number,
				     .secret = memory_text(secret, strlen(secret)),
				     .hashed = hashed };
	for (size_t r = 0; r < conf->roles.count; r++)
		account->roles |= person_role_find(slice_of(conf->roles.items[r]));
	explicit_bzero(secret, sizeof(secret));
	return true;
}

bool accounts_read(const struct conf *conf, struct account **accounts, FILE *errors)
{
	*accounts = memory_zeroed(conf->account_count, sizeof(**accounts));
	for (size_t i = 0; i < conf->account_count; i++)
		if (!account_read(&conf->accounts[i], &(*accounts)[i], errors)) {
			accounts_free(*accounts, i);
			return false;
		}
	return true;
}

void accounts_free(struct account *accounts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *secret = (char *)(uintptr_t)accounts[i].secret;

		explicit_bzero(secret, strlen(secret));
		free(secret);
	}
	free(accounts);
}

void account_tell_taken(const struct conf_account *account, const char *file, FILE *errors)
{
	fprintf(errors,
		"%s:%u: error: account \"%s\": its name or number is invalid, or belongs to the "
		"server, a backend "
		"or another account\n",
		file ? file : "configuration", account->place.line, account->name);
}

bool accounts_make(struct bridge *bridge, FILE *errors)
{
	const struct conf *conf = bridge->conf;
	struct account *accounts;
	bool made = true;

	if (!accounts_read(conf, &accounts, errors))
		return false;
	for (size_t i = 0; i < conf->account_count; i++)
		if (!directory_add_account(bridge->directory, &accounts[i])) {
			account_tell_taken(&conf->accounts[i], conf->accounts[i].place.file,
					   errors);
			made = false;
		}
	accounts_free(accounts, conf->account_count);
	return made;
}
