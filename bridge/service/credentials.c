#include "bridge/service/credentials.h"

#include <stdlib.h>

const char *credentials_folder(void)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");

	return folder && folder[0] == '/' ? folder : NULL;
}
