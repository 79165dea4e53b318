/** The little that the pages use of the Socket.IO client. */
export interface Engine {
  close(): void;
}
export interface Socket {
  readonly connected: boolean;
  readonly active: boolean;
  auth: object;
  io: { engine?: Engine };
  connect(): Socket;
  disconnect(): Socket;
  on(event: string, listener: (...args: any[]) => void): Socket;
  onAny(listener: (event: string, payload: any) => void): Socket;
  timeout(milliseconds: number): { emitWithAck(event: string, payload: object): Promise<any> };
}
export function io(address: string, options: object): Socket;
