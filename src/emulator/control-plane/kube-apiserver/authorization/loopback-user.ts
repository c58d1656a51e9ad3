/** The server's own client (`--loopback`), which may do everything. */
export const loopbackUser = { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] };
