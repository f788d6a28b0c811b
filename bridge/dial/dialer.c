#include "bridge/dial/dialer.h"

#include <curl/curl.h>
#include <stdlib.h>

#include "bridge/dial/carrier.h"
#include "bridge/dial/secure.h"
#include "codecs/text/memory.h"

/* A look-up that hangs holds a thread, and a server that is slow a connection: no upstream may have
 * all of them. A thousand clients whose server comes back ask it several times each, and each must
 * be answered before its login is given up: with a way of 100 ms eight at once were too few. */
#define DIALS          64
#define DIALS_GROUP    (DIALS / 2)
#define FETCHES        128
#define FETCHES_SERVER 32

struct dialer *dialer_new(void)
{
	struct dialer *dialer;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return NULL;
	dialer = memory_zeroed(1, sizeof(*dialer));
	dialer->dials = carrier_new("dial", DIALS, DIALS_GROUP);
	dialer->fetches = carrier_new("fetch", FETCHES, FETCHES_SERVER);
	dialer->trust = trust_new();
	return dialer;
}

void dialer_free(struct dialer *dialer)
{
	if (!dialer)
		return;
	carrier_free(dialer->dials);
	carrier_free(dialer->fetches);
	trust_free(dialer->trust);
	free(dialer);
	curl_global_cleanup();
}
