/** The built-in documents; a test checks each of them against the schema of networks. */
declare module '*.json' {
  const network: import('./network.ts').Network;
  export default network;
}
