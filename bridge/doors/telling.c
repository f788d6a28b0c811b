#include "bridge/doors/telling.h"

#include <stdlib.h>

void telling_clear(struct telling *telling)
{
	free(telling->rooms);
	free(telling->people);
	free(telling->listed);
	free(telling->history);
	free(telling->reactors);
	*telling = (struct telling){ 0 };
}

bool telling_refuse(struct telling *telling, enum reason reason)
{
	telling->told.reason = reason;
	return true;
}
