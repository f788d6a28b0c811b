#include "bridge/cluster/nats/options.h"

#include <errno.h>
#include <nats/nats.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PASSWORD_MAX 1024

/* A server that is cut off is noticed after PING_MS times PINGS. */
#define PING_MS      1000
#define PINGS        2
#define CONNECT_MS   2000
#define WRITE_MS     2000
#define RETRY_MS     200
#define RETRY_SPREAD 300

static natsStatus set_manner(natsOptions *made, const struct engine_nats_options *options)
{
	char name[128];

	snprintf(name, sizeof(name), "dragoman %.64s node %u", options->name, options->node + 1);
	/* Nothing is kept for later while it is not connected: the size is the least there is. */
	return natsOptions_SetName(made, name) != NATS_OK ||
		       natsOptions_SetServers(made, (const char **)(uintptr_t)options->servers,
					      (int)options->server_count) != NATS_OK ||
		       natsOptions_SetSendAsap(made, true) != NATS_OK ||
		       natsOptions_UseGlobalMessageDelivery(made, true) != NATS_OK ||
		       natsOptions_SetMaxReconnect(made, -1) != NATS_OK ||
		       natsOptions_SetReconnectWait(made, RETRY_MS) != NATS_OK ||
		       natsOptions_SetReconnectJitter(made, RETRY_SPREAD, RETRY_SPREAD) !=
			   NATS_OK ||
		       natsOptions_SetReconnectBufSize(made, 1) != NATS_OK ||
		       natsOptions_SetPingInterval(made, PING_MS) != NATS_OK ||
		       natsOptions_SetMaxPingsOut(made, PINGS) != NATS_OK ||
		       natsOptions_SetWriteDeadline(made, WRITE_MS) != NATS_OK ||
		       natsOptions_SetTimeout(made, CONNECT_MS) != NATS_OK
		   ? NATS_ERR
		   : NATS_OK;
}

static natsStatus refuse(FILE *errors, const char *what, const char *path, natsStatus status)
{
	const char *why = nats_GetLastError(NULL);

	if (status != NATS_OK)
		fprintf(errors, "%s '%s' cannot be used: %s\n", what, path,
			why && *why ? why : natsStatus_GetText(status));
	return status;
}

static natsStatus set_tls(natsOptions *made, const struct engine_nats_options *options,
			  FILE *errors)
{
	bool secure = options->tls_ca[0] || options->tls_certificate[0];
	natsStatus status = NATS_OK;

	for (size_t i = 0; i < options->server_count; i++)
		secure |= strncmp(options->servers[i], "tls:", 4) == 0;
	if (secure)
		status = natsOptions_SetSecure(made, true);
	if (status == NATS_OK && options->tls_ca[0])
		status = refuse(errors, "tls_ca", options->tls_ca,
				natsOptions_LoadCATrustedCertificates(made, options->tls_ca));
	if (status == NATS_OK && options->tls_certificate[0])
		status = refuse(errors, "tls_certificate", options->tls_certificate,
				natsOptions_LoadCertificatesChain(made, options->tls_certificate,
								  options->tls_key));
	return status;
}

/* The first line. False: errno. */
static bool read_line(const char *path, char line[PASSWORD_MAX])
{
	FILE *file = fopen(path, "re");
	bool read;

	if (!file)
		return false;
	errno = 0;
	read = fgets(line, PASSWORD_MAX, file) != NULL;
	if (!read && !errno)
		errno = ENODATA;
	fclose(file);
	if (read)
		line[strcspn(line, "\r\n")] = '\0';
	return read;
}

static natsStatus set_login(natsOptions *made, const struct engine_nats_options *options,
			    FILE *errors)
{
	char password[PASSWORD_MAX] = "";
	natsStatus status = NATS_OK;

	if (options->credentials_file[0])
		return refuse(
		    errors, "credentials_file", options->credentials_file,
		    natsOptions_SetUserCredentialsFromFiles(made, options->credentials_file, NULL));
	if (options->nkey_file[0])
		return refuse(errors, "nkey_file", options->nkey_file,
			      natsOptions_SetNKeyFromSeed(made, options->user, options->nkey_file));
	if (options->password_file[0] && !read_line(options->password_file, password)) {
		fprintf(errors, "password_file '%s' cannot be read: %s\n", options->password_file,
			strerror(errno));
		return NATS_ERR;
	}
	if (options->user[0])
		status = natsOptions_SetUserInfo(made, options->user, password);
	explicit_bzero(password, sizeof(password));
	return status;
}

struct __natsOptions *nats_options_make(const struct engine_nats_options *options, FILE *errors)
{
	natsOptions *made = NULL;

	if (natsOptions_Create(&made) == NATS_OK && set_manner(made, options) == NATS_OK &&
	    set_tls(made, options, errors) == NATS_OK &&
	    set_login(made, options, errors) == NATS_OK)
		return made;
	fprintf(errors, "the connection to NATS cannot be set up\n");
	natsOptions_Destroy(made);
	return NULL;
}
