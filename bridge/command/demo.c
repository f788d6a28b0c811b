#include "bridge/command/demo.h"

#include <stdio.h>
#include <sys/random.h>

#include "codecs/text/memory.h"

#define TEXT_BYTES 2048

/* The rooms dialect's id of the lobby never changes, so that it can stand in documentation. */
static const char template[] =
    "workers = %d;\n"
    "guests = true;\n"
    "listeners = ( { address = \"%s\"; port = %d; page = true; mounts = (\n"
    "    { path = \"/mixer\"; dialect = \"mixer\"; room = \"lobby\"; },\n"
    "    { path = \"/concord\"; dialect = \"concord\"; room = \"lobby\"; },\n"
    "    { path = \"/client\"; dialect = \"concord\"; room = \"lobby\"; },\n"
    "    { path = \"/rooms\"; dialect = \"rooms\"; room = \"lobby\"; },\n"
    "    { path = \"/simple\"; dialect = \"simple\"; room = \"lobby\"; }\n"
    "); } );\n"
    "rooms = ( { name = \"lobby\"; mixer = 1; concord = 1;\n"
    "    rooms = \"10bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a01\"; history = 100; } );\n";

char *demo_configuration(const char *address, int port, int workers)
{
	char *text = memory_new(TEXT_BYTES);

	snprintf(text, TEXT_BYTES, template, workers, address, port);
	return text;
}

bool demo_secret(char secret[DEMO_SECRET_BYTES])
{
	unsigned char bytes[(DEMO_SECRET_BYTES - 1) / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return false;
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(secret + 2 * i, 3, "%02x", bytes[i]);
	return true;
}
