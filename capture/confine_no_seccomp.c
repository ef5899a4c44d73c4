/* Without libseccomp. */
#include "capture/confine.h"

bool seccomp_is_there(void)
{
  return false;
}

void seccomp_confine_process(const Confinement *confinement)
{
  (void) confinement;
}

void seccomp_confine_parser(void)
{
}
