"""Outside judges: the ecosystem's own tools, not ours, look at the server.

They are npm packages, pinned in `package.json`. `.ci/run` installs them, with a Node.js of its own, and names the
folder in `JUDGES`; without it their tests are skipped. Two more of the folder's programs judge the packages, in
`tests/packaging`: hadolint and uv, which pip puts beside Node.js.
"""
