import { readFileSync } from 'node:fs';
import { loadPolicy, settlePath, type Policy } from '/work/main/policy/index.ts';
const P=(n:string,r:string[])=>({id:n,name:n,email:'',roles:r,market:'valley',active:true,assignedTo:null,claims:{}});
const actor=P('m',['market_manager']), subject=P('s',['shopper']);
function rules(n:number){ let t='version: 1\nact_as: { who: [{ actors: [market_manager], subjects: [shopper] }] }\nrules:\n'; const e=['block','audit','allow','confirm'];
 for(let i=0;i<n;i++){ t+= i%5===4 ? `  - { id: p-${i}, while: assisted, on: [POST|PUT /api/p${i}/**], effect: pause }\n` : `  - { id: r-${i}, on: [PUT /api/area${i%97}/thing${i}/:id/part], effect: ${e[i%4]} }\n`; } return t; }
function time(f:()=>number,n=400000){ const runs:number[]=[]; for(let k=0;k<9;k++){ const t=process.hrtime.bigint(); let s=0; for(let i=0;i<n/4;i++) s+=f(); runs.push(Number(process.hrtime.bigint()-t)/(n/4)); } return runs.sort((a,b)=>a-b)[4]!.toFixed(0)+' ns'; }
function measure(name:string,p:Policy,paths:[string,string][]) { for (const [m,t] of paths) { const path=settlePath(t);
 console.log(name,m,t,'settle',time(()=>settlePath(t).segments.length),'decide',time(()=>p.decide({side:'acting',method:m,path,actor,subject,mode:'full'}).effect.length),'assisted',time(()=>p.decide({side:'assisted',method:m,path,actor,subject,mode:'full'}).effect.length),'pausesAnything',time(()=>p.pausesAnything(m,path)?1:0)); } }
for (const n of [20,1000,10000]) { const text=rules(n); const t=performance.now(); const l=loadPolicy(text); const ms=performance.now()-t; if(!l.ok) throw new Error(JSON.stringify(l.mistakes.slice(0,3)));
 console.log(n,'rules loaded in',ms.toFixed(0),'ms'); measure(String(n),l.policy,[['PUT','/api/area16/thing16/7/part'],['PUT','/api/area17/thing17/7/part'],['GET','/market'],['POST','/api/unknown/thing']]); }
const l=loadPolicy(readFileSync('/work/main/policy.yaml','utf8')); if(l.ok) measure('shipped',l.policy,[['POST','/api/orders'],['PUT','/api/cart/items/3'],['PUT','/api/password'],['GET','/market'],['GET','/a%20b/caf%C3%A9'],['GET','/a;b/../c']]);
