export { formatAddress, parseAddress, tcp } from './tcp.js';
