# SPDX-License-Identifier: BSD-2-Clause
# Asks the compiler and the linker about flags, one by one, so that an older or a different one only loses what it does not know.

# HANGUP_CFLAGS(VARIABLE, FLAGS): appends to VARIABLE each flag that the compiler takes without a warning.
AC_DEFUN([HANGUP_CFLAGS], [
    m4_foreach_w([flag], [$2], [
        AS_VAR_PUSHDEF([known], [hangup_cv_cc_[]flag])
        AC_CACHE_CHECK([whether $CC takes flag], [known], [
            hangup_saved=$CFLAGS
            CFLAGS="$CFLAGS -Werror flag"
            AC_COMPILE_IFELSE([AC_LANG_PROGRAM()], [AS_VAR_SET([known], [yes])], [AS_VAR_SET([known], [no])])
            CFLAGS=$hangup_saved
        ])
        AS_VAR_IF([known], [yes], [AS_VAR_APPEND([$1], [" flag"])])
        AS_VAR_POPDEF([known])
    ])
    AC_SUBST([$1])
])

# HANGUP_LDFLAGS(VARIABLE, FLAGS): the same for the linker; what has to be compiled in a special way for it stands in HARDENING already.
AC_DEFUN([HANGUP_LDFLAGS], [
    m4_foreach_w([flag], [$2], [
        AS_VAR_PUSHDEF([known], [hangup_cv_ld_[]flag])
        AC_CACHE_CHECK([whether the linker takes flag], [known], [
            hangup_saved_c=$CFLAGS hangup_saved_l=$LDFLAGS
            CFLAGS="$CFLAGS $HARDENING_CFLAGS -Werror" LDFLAGS="$LDFLAGS flag"
            AC_LINK_IFELSE([AC_LANG_PROGRAM()], [AS_VAR_SET([known], [yes])], [AS_VAR_SET([known], [no])])
            CFLAGS=$hangup_saved_c LDFLAGS=$hangup_saved_l
        ])
        AS_VAR_IF([known], [yes], [AS_VAR_APPEND([$1], [" flag"])])
        AS_VAR_POPDEF([known])
    ])
    AC_SUBST([$1])
])

# HANGUP_LIBRARY(PREFIX, MODULES, DEBIAN PACKAGE): a library without which there is nothing to build.
AC_DEFUN([HANGUP_LIBRARY], [
    PKG_CHECK_MODULES([$1], [$2], [],
        [AC_MSG_ERROR([$2 was not found; on Debian: apt-get install $3  (or run tools/quickstart, which installs all that is needed)])])
])
