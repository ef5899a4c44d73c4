/* Without libarchive there is no archive; whoever would need one asks first. */
#include "ui/report/zip_out.h"

bool zip_out_is_there(void)
{
  return false;
}

ZipOut *zip_out_new(int fd, const char *name, GError **error)
{
  (void) fd;
  (void) name;
  (void) error;
  g_assert_not_reached();
}

void zip_out_free(ZipOut *zip)
{
  (void) zip;
}

bool zip_out_add(ZipOut *zip, const char *member, int64_t time_s, int fd, ZipMember *ret_member,
                 GError **error)
{
  (void) zip;
  (void) member;
  (void) time_s;
  (void) fd;
  (void) ret_member;
  (void) error;
  g_assert_not_reached();
}

bool zip_out_finish(ZipOut *zip, GError **error)
{
  (void) zip;
  (void) error;
  g_assert_not_reached();
}
