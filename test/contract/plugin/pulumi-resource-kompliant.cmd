@node "%~dp0untied.cjs" %*
