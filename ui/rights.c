#include "ui/rights.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "capture/error.h"
#include "capture/language.h"
#include "capture/slice.h"

enum { ROOT = 0 };

/* sudo(8) sets it, for root alone to see. */
static const struct passwd *caller_of_sudo(void)
{
  const char *text = getenv("SUDO_UID");
  uint32_t uid;

  return text && slice_to_u32(slice_from_string(text), &uid) && uid != ROOT ? getpwuid(uid) : NULL;
}

static const struct passwd *usual_user(void)
{
  static const char *const OWN[] = {"_rung", "rung"}; /* Debian's packages have the first */
  const struct passwd *user = getuid() != ROOT ? getpwuid(getuid()) : NULL;

  for (size_t i = 0; i < G_N_ELEMENTS(OWN) && !user; i++)
    user = getpwnam(OWN[i]);
  if (!user)
    user = caller_of_sudo();
  return user ? user : getpwnam("nobody");
}

static bool find_user(const char *name, const struct passwd **ret_user, GError **error)
{
  *ret_user = name ? getpwnam(name) : usual_user();
  if (*ret_user)
    return true;
  if (name)
    g_set_error(error, APP_ERROR, APP_ERROR_USAGE, _("-Z: there is no user '%s'"), name);
  else
    g_set_error(error, APP_ERROR, APP_ERROR_IO,
                _("there is no user '_rung' or 'nobody' to continue as instead of root; "
                  "name one with -Z USER (-Z root to remain root)"));
  return false;
}

static bool become(const struct passwd *user, GError **error)
{
  if (setgroups(0, NULL) == 0 && setresgid(user->pw_gid, user->pw_gid, user->pw_gid) == 0 &&
      setresuid(user->pw_uid, user->pw_uid, user->pw_uid) == 0 &&
      (user->pw_uid == ROOT || setuid(ROOT) != 0))
    return true;
  g_set_error(error, APP_ERROR, APP_ERROR_IO,
              _("cannot continue as user %s instead of root: %s (-Z root to remain root)"),
              user->pw_name, g_strerror(errno));
  return false;
}

/* The bounding set limits what an executed program may gain.  Only with CAP_SETPCAP it can be
 * emptied; without, PR_SET_NO_NEW_PRIVS does the same. */
static void empty_bounding_set(void)
{
  for (unsigned long capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++)
    continue;
}

static bool drop_capabilities(GError **error)
{
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};

  /* a kernel without ambient capabilities has none to give up */
  (void) prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && syscall(SYS_capset, &header, none) == 0)
    return true;
  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot give up capabilities: %s"),
              g_strerror(errno));
  return false;
}

bool rights_are_kept(const char *name)
{
  return g_strcmp0(name, "root") == 0;
}

const char *rights_caller(void)
{
  const struct passwd *user = getuid() == ROOT ? caller_of_sudo() : NULL;

  return user ? user->pw_name : NULL;
}

bool rights_change_user(const char *name)
{
  return geteuid() == ROOT && !rights_are_kept(name);
}

bool rights_make_folder(const char *path, const char *name, GError **error)
{
  const struct passwd *user = NULL;

  if (g_file_test(path, G_FILE_TEST_IS_DIR))
    return true;
  if (rights_change_user(name) && !find_user(name, &user, error))
    return false;
  if (g_mkdir_with_parents(path, 0700) == 0 &&
      (!user || chown(path, user->pw_uid, user->pw_gid) == 0))
    return true;
  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot make the folder %s: %s"), path,
              g_strerror(errno));
  return false;
}

bool rights_drop(const char *name, GError **error)
{
  const struct passwd *user;

  if (rights_are_kept(name))
    return true;
  if (geteuid() != ROOT && name) {
    g_set_error(error, APP_ERROR, APP_ERROR_USAGE, _("-Z %s: only root can become another user"),
                name);
    return false;
  }
  if (geteuid() == ROOT) {
    if (!find_user(name, &user, error))
      return false;
    empty_bounding_set();
    if (!become(user, error))
      return false;
  }
  return drop_capabilities(error);
}
