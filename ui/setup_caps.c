#include "ui/setup_caps.h"

#include <endian.h>
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "capture/error.h"
#include "capture/language.h"
#include "ui/session.h"

static const char GROUP[] = "rung";

enum { ROOT_UID = 0, MODE = 0750 }; /* others could capture with it, too */

static bool fail(const char *what, const char *path, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot %s %s: %s"), what, path, g_strerror(errno));
  return false;
}

static bool find_group(gid_t *ret_group)
{
  const struct group *group = getgrnam(GROUP);

  if (group)
    *ret_group = group->gr_gid;
  return group != NULL;
}

static bool make_group(gid_t *ret_group, GError **error)
{
  const char *const words[] = {"groupadd", "--system", GROUP, NULL};
  int status = 0;

  if (find_group(ret_group))
    return true;
  bool ok = g_spawn_sync(NULL, (char **) (uintptr_t) words, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
                         NULL, NULL, &status, error) &&
            g_spawn_check_wait_status(status, error);
  if (!ok || find_group(ret_group)) {
    g_prefix_error(error, _("cannot create the group %s: "), GROUP);
    return ok;
  }
  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot create the group %s"), GROUP);
  return false;
}

/* As setcap(8) writes it; a change of owner or mode would take it away. */
static bool set_capabilities(const char *path, GError **error)
{
  const uint32_t wanted = 1U << CAP_NET_RAW | 1U << CAP_NET_ADMIN;
  const struct vfs_cap_data value = {
    .magic_etc = htole32(VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE),
    .data = {{.permitted = htole32(wanted), .inheritable = htole32(wanted)}},
  };

  return setxattr(path, "security.capability", &value, XATTR_CAPS_SZ_2, 0) == 0 ||
         fail(_("give capabilities to"), path, error);
}

/* Who may write the program could have it do anything with its capabilities, but that the kernel
 * takes them from a file that is written. */
static bool set_up(const char *path, GError **error)
{
  gid_t group;

  if (!make_group(&group, error))
    return false;
  if (chown(path, ROOT_UID, group) != 0)
    return fail(_("change the owner of"), path, error);
  if (chmod(path, MODE) != 0)
    return fail(_("change the mode of"), path, error);
  return set_capabilities(path, error);
}

static char *describe(const char *path, bool is_done)
{
  g_autofree char *quoted = g_shell_quote(path);

  if (is_done)
    return g_strdup_printf(_("%s can be run by root and the group %s, who can capture with it.\n"
                             "Add users to the group; they must log in again:\n"
                             "  usermod --append --groups %s USER\n"),
                           path, GROUP, GROUP);
  return g_strdup_printf(_("To let a group capture without root, run as root:\n"
                           "  getent group %s || groupadd --system %s\n"
                           "  chown root:%s %s\n"
                           "  chmod %o %s\n"
                           "  setcap cap_net_raw,cap_net_admin=eip %s\n"
                           "or 'sudo rung --setup-caps', and add users to the group:\n"
                           "  usermod --append --groups %s USER\n"),
                         GROUP, GROUP, GROUP, quoted, (unsigned) MODE, quoted, quoted, GROUP);
}

ExitStatus setup_caps_run(void)
{
  g_autofree char *path = realpath("/proc/self/exe", NULL);
  bool is_root = geteuid() == ROOT_UID;
  g_autoptr(GError) error = NULL;

  if (!path) {
    session_complain(_("--setup-caps: cannot find the program: /proc is not mounted"));
    return EXIT_FAILED;
  }
  if (is_root && !set_up(path, &error)) {
    session_complain(error->message);
    return EXIT_FAILED;
  }
  g_autofree char *text = describe(path, is_root);
  return session_print(text);
}
